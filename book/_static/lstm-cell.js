/* <lstm-cell>: an LSTM cell with one unit (batch, input and hidden size 1) to play with.

     <lstm-cell preset="remember">              sliders for state and weights
     <lstm-cell mode="steps" preset="forget">   the cell over a short sequence

   It draws into the light DOM, where theme, print style and axe reach it. */
(() => {
  const GATES = {
    f: { name: "Forget gate", symbol: "f", activation: "σ" },
    i: { name: "Input gate", symbol: "i", activation: "σ" },
    c_tilde: { name: "Candidate", symbol: "c̃", activation: "tanh" },
    o: { name: "Output gate", symbol: "o", activation: "σ" },
  };

  // A gate: weight on h, weight on x, bias. `start`: h_0, c_0. The stepper runs over all `inputs`,
  // the playground shows the step `at`.
  const byBias = (f, i) => ({
    f: [0, 0, f], i: [0, 0, i], c_tilde: [0.5, 1.5, 0], o: [0, 0, 2],
    start: [0.3, 1.5], inputs: [0.5, -1, 1, -0.5], at: 1,
  });
  // The trained cell of StatQuest's "Long Short-Term Memory (LSTM), Clearly Explained" (2022).
  const statquest = (first) => ({
    f: [2.7, 1.63, 1.62], i: [2, 1.65, 0.62], c_tilde: [1.41, 0.94, -0.32], o: [4.38, -0.19, 0.59],
    start: [0, 0], inputs: [first, 0.5, 0.25, 1], at: 4,
  });
  const PRESETS = {
    remember: { label: "Remember", ...byBias(5, -5) },
    forget: { label: "Forget", ...byBias(-1.5, -5) },
    overwrite: { label: "Overwrite", ...byBias(-5, 5) },
    "statquest-a": { label: "StatQuest, company A", ...statquest(0) },
    "statquest-b": { label: "StatQuest, company B", ...statquest(1) },
  };

  // Where exp(-z) overflows to Infinity, the result is 0, as it should be.
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  function cell(x_t, h_prev, c_prev, params) {
    const z = {};
    for (const key in GATES) {
      const [w_h, w_x, b] = params[key];
      z[`z_${key}`] = w_h * h_prev + w_x * x_t + b;
    }
    const f = sigmoid(z.z_f), i = sigmoid(z.z_i), o = sigmoid(z.z_o);
    const c_tilde = Math.tanh(z.z_c_tilde), kept = f * c_prev, written = i * c_tilde;
    const c_t = kept + written, tanh_c = Math.tanh(c_t), h_t = o * tanh_c;
    return { x_t, h_prev, c_prev, ...z, f, i, c_tilde, o, kept, written, c_t, tanh_c, h_t };
  }

  const number = (value) => (Number(value.toFixed(2)) || 0).toFixed(2).replace("-", "−");
  const width = (value) => 1 + Math.min(4 * Math.abs(value), 10);
  const math = (letter, sub = "t") => `<i>${letter}</i><sub>${sub}</sub>`;

  // Two layouts of one drawing: x of its columns, y of its rows.
  const WIDE = { name: "wide", right: 720, body: [72, 648], x: 112, f: 166, i: 286, c_tilde: 402,
    o: 522, h: 610, c: 80, product: 172, gate: 258, input: 342, box: 80 };
  const TALL = { name: "tall", right: 408, body: [54, 354], x: 72, f: 98, i: 167, c_tilde: 236,
    o: 305, h: 347, c: 80, product: 188, gate: 292, input: 394, box: 66 };
  const R = 14, HALF = 31; // radius of × and +, half a gate's height

  function diagram(at, values) {
    const { right, x, f, i, c_tilde, o, c, product, gate, input, box } = at;
    const tanh = (c + product) / 2, bottom = input + 60, [left, edge] = at.body;
    const text = (x, y, content, kind = "", anchor = "middle") =>
      `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${content}</text>`;
    const value = (key) => number(values[key]);
    const symbol = (letter, sub = "t") =>
      `<tspan font-style="italic">${letter}</tspan><tspan class="small" dy="4">${sub}</tspan>`;
    const flow = (key, ...points) => { // the line stops inside its arrow's head
      const [x0, y0, x, y] = points.slice(-4), dx = Math.sign(x - x0), dy = Math.sign(y - y0);
      points.splice(-2, 2, x - 8 * dx, y - 8 * dy);
      return `<g data-flow="${key}" class="${values[key] < 0 ? "negative" : ""}"
        stroke-width="${width(values[key])}"><path d="M${points}"/>
        <path d="M0 0l-11-7v14z" transform="matrix(${[dx, dy, -dy, dx, x, y]})"/></g>`;
    };
    const sign = (x, y, content) =>
      `<circle class="node" cx="${x}" cy="${y}" r="${R}"/>${text(x, y + 6, content)}`;
    const port = (x, y, key, name, anchor) =>
      text(x, y - 14, name, "", anchor) + text(x, y + 24, value(key), "value", anchor);
    const gateBox = ([key, { name, symbol: letter, activation }]) => {
      const x = at[key], place = `x="${x - box / 2}" y="${gate - HALF}" width="${box}"`;
      return flow(`z_${key}`, x, input, x, gate + HALF)
        + `<rect class="node" ${place} height="${2 * HALF}"/>`
        // A gate fills from below, the candidate from its middle.
        + `<rect class="level" ${place} height="${HALF * (key === "c_tilde" ? 1 : 2)}"
          transform="scale(.97 ${values[key]})"/>`
        + text(x, gate - 13, name.toLowerCase().replace(" gate", ""), "small")
        + text(x, gate + 6, value(key), "value") + text(x, gate + 24, activation, "small")
        + text(x + 9, gate - HALF - 12, symbol(letter), "", "start")
        + text(x - 10, input - 14, value(`z_${key}`), "small", "end");
    };

    return `<svg class="${at.name}" viewBox="0 28 ${right} ${bottom - 28}" role="img"
      aria-label="Diagram of the cell">
      <rect class="body" x="${left}" y="30" width="${edge - left}" height="${input - 4}" rx="16"/>
      <path class="bus" d="M${left} ${input}H${o}M${x} ${input + 26}V${input}"/>`
      + flow("h_prev", 0, input, left, input) + flow("x_t", x, bottom, x, input + 26)
      + Object.entries(GATES).map(gateBox).join("")
      + flow("f", f, gate - HALF, f, c + R)
      + flow("i", i, gate - HALF, i, product, c_tilde - R, product)
      + flow("c_tilde", c_tilde, gate - HALF, c_tilde, product + R)
      + flow("o", o, gate - HALF, o, product + R)
      + flow("written", c_tilde, product - R, c_tilde, c + R)
      + flow("c_t", o, c, o, tanh - 13) + flow("tanh_c", o, tanh, o, product - R)
      + flow("h_t", o + R, product, at.h, product, at.h, input, right, input)
      + flow("c_prev", 0, c, f - R, c) + flow("kept", f + R, c, c_tilde - R, c)
      + flow("c_t", c_tilde + R, c, right, c)
      + sign(f, c, "×") + sign(c_tilde, c, "+") + sign(c_tilde, product, "×") + sign(o, product, "×")
      + `<rect class="node" x="${o - 23}" y="${tanh - 13}" width="46" height="26" rx="13"/>`
      + text(o, tanh + 4, "tanh", "small")
      + text((f + c_tilde) / 2, c - 14, `kept ${value("kept")}`)
      + text(c_tilde - 12, tanh + 4, `written ${value("written")}`, "", "end")
      + port(0, c, "c_prev", symbol("c", "t−1"), "start")
      + port(0, input, "h_prev", symbol("h", "t−1"), "start")
      + port(right, c, "c_t", symbol("c"), "end") + port(right, input, "h_t", symbol("h"), "end")
      + text(x + 12, bottom - 8, symbol("x"), "", "start")
      + text(x + 34, bottom - 8, value("x_t"), "value", "start") + "</svg>";
  }

  class LstmCell extends HTMLElement {
    connectedCallback() {
      if (this.params) return; // only moved within the page
      this.steps = this.getAttribute("mode") === "steps";
      this.role = "group";
      this.ariaLabel = "LSTM cell";
      this.innerHTML = this.template();
      this.addEventListener("input", ({ target }) => {
        if (target.type !== "range") return this.load(target.value);
        const [key, position] = target.name.split(".");
        this.set({ [key]: this.params[key].with(position, Number(target.value)) });
      });
      this.addEventListener("click", ({ target }) => {
        if (!target.matches("button:not([aria-disabled=true])")) return;
        this[target.name]();
        this.draw();
      });
      this.load(this.getAttribute("preset") || "remember");
    }

    disconnectedCallback() { this.pause(); }

    /* params, preset, step, trace (the values at each step) and, while it plays, playing. */
    get state() { return structuredClone({ ...this }); }

    /* Replace any of f, i, c_tilde, o: [weight on h, weight on x, bias]; start: [h_0, c_0]; inputs. */
    set(params, preset = "") {
      Object.assign(this.params, params);
      this.preset = preset;
      this.draw();
    }

    load(preset) {
      this.reset();
      this.params = { ...PRESETS[preset] };
      const { x_t, h_prev, c_prev } = this.run()[this.params.at - 1];
      this.set(this.steps ? {} : { start: [h_prev, c_prev], inputs: [x_t] }, preset);
    }

    run() {
      let [h, c] = this.params.start;
      return this.params.inputs.map((x) => {
        const values = cell(x, h, c, this.params);
        [h, c] = [values.h_t, values.c_t];
        return values;
      });
    }

    reset() { this.pause(); this.step = 1; }
    back() { this.pause(); this.step -= 1; }
    forward() { this.pause(); this.step += 1; }

    play() {
      if (this.playing) return this.pause();
      if (this.step === this.trace.length) this.step = 1;
      this.playing = setInterval(() => {
        this.step += 1;
        if (this.step >= this.trace.length) this.pause();
        this.draw();
      }, 1500);
    }

    pause() { this.playing = clearInterval(this.playing); }

    template() {
      const slider = (name, label, limit) => `<label class="slider">${label}<span
        aria-hidden="true"></span><input type="range" name="${name}" step="0.01" min="${-limit}"
        max="${limit}"></label>`;
      return `<div class="bar"><label>Preset <select>`
        + Object.entries(PRESETS).map(([key, { label }]) => `<option value="${key}">${label}</option>`)
        + `<option value="" hidden>Your own</option></select></label>`
        + (this.steps ? ["Reset", "Back", "Play", "Forward"].map((label) =>
          `<button type="button" name="${label.toLowerCase()}">${label}</button>`).join("") : "")
        + `</div><div class="diagram"></div>
        <p class="small">Line width: size of the value. Dashed line, hollow arrow: negative.</p>
        <p aria-live="polite"></p>`
        + (this.steps ? "<table></table>" : `<div class="sliders">
        ${slider("inputs.0", `Input ${math("x")}`, 2)}
        ${slider("start.0", `Hidden state ${math("h", "t−1")}`, 1)}
        ${slider("start.1", `Cell state ${math("c", "t−1")}`, 3)}</div>`)
        + `<div class="gates">${Object.entries(GATES).map(([key, { name }]) => `<details>
        <summary>${name} <span data-equation="${key}"></span></summary>
        <div role="group" aria-label="${name}">
        ${slider(`${key}.0`, `Weight on ${math("h", "t−1")}`, 6)}
        ${slider(`${key}.1`, `Weight on ${math("x")}`, 6)}
        ${slider(`${key}.2`, "Bias", 6)}</div></details>`).join("")}</div>`;
    }

    draw() {
      this.trace = this.run();
      this.step = Math.min(this.step, this.trace.length);
      const values = this.trace[this.step - 1];
      this.querySelector(".diagram").innerHTML = diagram(WIDE, values) + diagram(TALL, values);
      this.querySelectorAll("[type=range]").forEach((slider) => {
        const [key, position] = slider.name.split("."), value = this.params[key][position];
        slider.value = value;
        slider.previousElementSibling.textContent = number(value);
        slider.ariaValueText = number(value);
      });
      this.querySelectorAll("[data-equation]").forEach((element) => {
        const key = element.dataset.equation, { symbol, activation } = GATES[key];
        const [w_h, w_x, b] = this.params[key].map(number);
        element.innerHTML = `${math(symbol)} = ${activation}(${w_h} ${math("h", "t−1")} + ${w_x} ${
          math("x")} + ${b})`.replaceAll("+ −", "− ") + ` = <b>${number(values[key])}</b>`;
      });
      this.querySelector("select").value = this.preset;
      this.querySelector("[aria-live]").textContent = this.sentence(values);
      if (this.steps) this.drawSteps();
    }

    sentence(values) {
      const v = (key) => number(values[key]);
      return (this.steps ? `Step ${this.step} of ${this.trace.length}. ` : "")
        + `The cell keeps ${v("f")} × ${v("c_prev")} = ${v("kept")} and writes ${v("i")} × ${
          v("c_tilde")} = ${v("written")}: its new state is ${v("c_t")}. It shows ${
          v("o")} × tanh(${v("c_t")}) = ${v("h_t")}.`;
    }

    drawSteps() {
      const { step, trace } = this;
      const row = (head, cell, content) => `<tr><th scope="row">${head}${trace.map((values, k) =>
        `<${cell} class="${k + 1 === step ? "now" : ""}">${content(values, k)}`).join("")}`;
      const rows = ["x_t", ...Object.keys(GATES), "c_t", "h_t"].map((key) =>
        row(math(GATES[key]?.symbol || key[0]), "td", ({ [key]: value }, k) => {
          if (k >= step && key !== "x_t") return ""; // only the inputs are known beforehand
          return (key === "c_t" ? `<span class="${value < 0 ? "negative" : ""}"
            style="border-width: ${width(value)}px"></span>` : "") + number(value);
        }));
      this.querySelector("table").innerHTML = `<caption>The cell at each step</caption>${
        row("Step", 'th scope="col"', (_, k) => k + 1)}${rows.join("")}`;
      if (step > this.drawn && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
        this.querySelector(".now span").animate({ transform: ["scaleX(0)", "none"] }, 500);
      }
      this.drawn = step;
      const ends = { reset: 1, back: 1, forward: trace.length };
      for (const name in ends) this.querySelector(`[name=${name}]`).ariaDisabled = step === ends[name];
      this.querySelector("[name=play]").textContent = this.playing ? "Pause" : "Play";
    }
  }

  customElements.define("lstm-cell", LstmCell);
})();
