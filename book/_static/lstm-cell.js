/* <lstm-cell>: one LSTM cell with one memory, to take in the hand.

     <lstm-cell story="remember">

   Gates are dragged on the diagram, inputs and flags on the strip of steps below it. It draws into
   the light DOM, where theme, print style and axe reach it. */
(() => {
  const { GATES, WIDE, TALL, diagram, locate, number, strip } = LSTM.draw;
  const STRIPS = { wide: 720, tall: 400 };

  // A gate's row: weights on h, on the value and on the flag, and the bias.
  const row = (h, value, flag, bias) => [h, value, flag, bias];
  const values = [0.6, -0.3, 0.2, 0.7, -0.5, 0.4, -0.8, 0.3, 0.1, -0.6, 0.5, -0.2, 0.8, 0.3, -0.7,
    0.2, -0.4, 0.6, -0.1, 0.4, -0.5, 0.7, -0.9, 0.2, 0.5, -0.3, 0.6, -0.2, 0.3, -0.6];
  const flags = (marks) => values.map((_, k) => marks[k + 1] ?? 0);
  const stream = (label, sentence, marks, forget = row(0, 0, 0, 6)) => ({
    label, sentence, start: [0, 0], t: 9, flags: flags(marks), inputs: values,
    f: forget, i: row(0, 0, 12, -6), c_tilde: row(0, 1, 0, 0), o: row(0, 0, 0, 6),
  });
  // The trained cell of StatQuest's "Long Short-Term Memory (LSTM), Clearly Explained" (2022).
  const statquest = (name, first, sentence) => ({
    label: `StatQuest, company ${name}`, sentence, start: [0, 0], t: 4,
    inputs: [first, 0.5, 0.25, 1],
    f: row(2.7, 1.63, 0, 1.62), i: row(2, 1.65, 0, 0.62), c_tilde: row(1.41, 0.94, 0, -0.32),
    o: row(4.38, -0.19, 0, 0.59),
  });
  const STORIES = {
    remember: stream("Remember one value", "A flag at step 4 writes; then the memory is kept.",
      { 4: 1 }),
    "full-stop": stream("Forget at the full stop",
      "A triangle writes, a square is a full stop: there the forget gate shuts.",
      { 4: 1, 10: -1, 13: 1, 20: -1, 22: 1 }, row(0, 0, 12, 6)),
    sum: stream("Add up", "Every flag writes, and nothing is forgotten: the memory is a sum.",
      { 3: 1, 8: 1, 13: 1, 18: 1, 22: 1 }),
    fade: stream("Fade", "The forget gate stands at 0.82: what was written wears off.",
      { 4: 1, 17: 1 }, row(0, 0, 0, 1.5)),
    "statquest-a": statquest("A", 0, "Four days of company A: the last day's answer is 0."),
    "statquest-b": statquest("B", 1, "Four days of company B: the last day's answer is 1."),
  };
  const EQUATIONS = [
    ["f", "σ(W<sub>f</sub> [h, x] + b<sub>f</sub>)"], ["i", "σ(W<sub>i</sub> [h, x] + b<sub>i</sub>)"],
    ["c_tilde", "tanh(W<sub>c</sub> [h, x] + b<sub>c</sub>)"],
    ["o", "σ(W<sub>o</sub> [h, x] + b<sub>o</sub>)"],
    ["c_t", ["f", "c_prev", "kept"], ["i", "c_tilde", "written"]], ["h_t", ["o", "tanh_c"]],
  ];
  const SYMBOLS = { f: "f", i: "i", c_tilde: "c̃", o: "o", c_t: "c", h_t: "h", c_prev: "c",
    tanh_c: "c" };
  const symbol = (key) => {
    const letter = `<i>${SYMBOLS[key]}</i><sub>${key === "c_prev" ? "t−1" : "t"}</sub>`;
    return `<span class="symbol q-${key}" data-key="${key}" tabindex="-1">${
      key === "tanh_c" ? `tanh(${letter})` : letter}</span>`;
  };

  // What a gate's pre-activation must be for it to stand at a value.
  const logit = (value) => Math.log(value / (1 - value));
  const UNDO = { f: logit, i: logit, o: logit, c_tilde: Math.atanh };
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  /* The cell's quantities at every step, by name. */
  function run(state) {
    const T = state.inputs.length, D = state.flags ? 2 : 1;
    const params = LSTM.make("lstm", D, 1), rows = LSTM.BLOCKS.lstm.map((key) => state[key]);
    params.W.set(rows.flatMap((values) => values.slice(0, 1 + D)));
    params.b.set(rows.map((values) => values[3]));
    const x = state.inputs.flatMap((value, k) => (state.flags ? [value, state.flags[k]] : [value]));
    const [h0, c0] = state.start;
    const { h, c, gates } = LSTM.forward(params, Float64Array.from(x), T, 1, [h0], [c0]);
    return state.inputs.map((value, k) => {
      const [i, f, c_tilde, o] = gates[k], [h_prev] = h[k], [c_prev] = c[k], [h_t] = h[k + 1];
      const [c_t] = c[k + 1];
      const step = { f, i, c_tilde, o, h_prev, c_prev, h_t, c_t, kept: f * c_prev,
        written: i * c_tilde, tanh_c: Math.tanh(c_t), x_t: value,
        inputs: state.flags ? [value, state.flags[k]] : [value] };
      for (const key in GATES) {
        const [w_h, w_x, w_flag, b] = state[key];
        step[`z_${key}`] = w_h * h_prev + w_x * value + w_flag * (state.flags?.[k] ?? 0) + b;
      }
      return step;
    });
  }

  class LstmCell extends HTMLElement {
    connectedCallback() {
      if (this.story) return; // only moved within the page
      this.role = "group";
      this.ariaLabel = "LSTM cell";
      const own = this.getAttribute("story") || "remember", stories = this.stories(own);
      this.innerHTML = `<div class="bar stories">${stories.map((name) =>
        `<button type="button" data-story="${name}">${STORIES[name].label}</button>`).join("")}</div>
        <div class="diagram"></div>
        ${Object.keys(STRIPS).map((name) => `<div class="strip ${name}"></div>`).join("")}
        <p class="said"></p><p class="visually-hidden" aria-live="polite"></p>
        <div class="bar">${["Back", "Play", "Forward", "Reset"].map((name) =>
          `<button type="button" data-do="${name.toLowerCase()}">${name}</button>`).join("")}
        <button type="button" data-do="copy">Copy link</button></div>
        <details open><summary>The formulas</summary><div class="equations" role="group"
          aria-label="Formulas: arrow keys go from symbol to symbol"></div></details>
        <details><summary>Weights and start</summary><table></table></details>
        <p class="small">${STORIES[own].flags ? "Drag a gate, an input or a flag. In the strip, ▲ writes"
          + " and ■ is a full stop." : "Drag a gate or an input."} A hollow arrow is a negative
        value.</p>`;
      this.listen();
      this.load(own);
      this.restore();
      Picture.watch(this, (seen) => { if (!seen && this.playing) this.play(); }); // nobody watches it
    }

    disconnectedCallback() { this.pause(); }

    /* What is offered: the two companies where one is told, else what a flag can do. */
    stories(own) {
      return Object.keys(STORIES).filter((name) =>
        name.startsWith("statquest") === own.startsWith("statquest"));
    }

    listen() {
      this.addEventListener("click", ({ target }) => {
        const button = target.closest("button");
        if (button?.dataset.story) this.load(button.dataset.story);
        if (button?.dataset.do && button.ariaDisabled !== "true") this[button.dataset.do]();
      });
      this.addEventListener("input", ({ target }) => {
        const [key, place] = target.name.split("."), value = Number(target.value);
        if (target.value && Math.abs(value) <= 100) this.change({ [key]: this.state[key].with(place, value) });
      });
      this.addEventListener("pointerdown", (event) => this.grab(event));
      this.addEventListener("keydown", (event) => this.key(event));
      for (const [type, on] of [["pointerover", true], ["pointerout", false], ["focusin", true],
        ["focusout", false]]) {
        this.addEventListener(type, ({ target }) => {
          const key = target.closest?.("[data-key]")?.dataset.key;
          if (key) this.light(on ? key : null);
        });
      }
    }

    /* Show where a quantity is: its wires, values and symbols. */
    light(key) {
      this.lit = key;
      this.querySelectorAll("[data-key]").forEach((element) =>
        element.classList.toggle("lit", element.dataset.key === key));
    }

    /* A table of numbers to type: a row a gate, and one for the states at the start. */
    table() {
      const columns = ["weight on h", this.state.flags ? "on value" : "on x",
        ...(this.state.flags ? ["on flag"] : []), "bias"];
      const cell = (name, label) => `<td><input type="number" step="0.1" name="${name}"
        aria-label="${label}"></td>`;
      return `<tr><td></td>${columns.map((name) => `<th scope="col">${name}</th>`).join("")}</tr>${
        Object.entries(GATES).map(([key, { full }]) => `<tr><th scope="row">${full}</th>${
          columns.map((name, k) => cell(`${key}.${name === "bias" ? 3 : k}`, `${full}, ${name}`)).join("")
        }</tr>`).join("")}<tr><th scope="row">Start</th>${cell("start.0", "Hidden state at the start")}${
        cell("start.1", "Cell state at the start")}</tr>`;
    }

    get trace() { return run(this.state); }

    load(name) {
      this.pause();
      this.story = name;
      this.state = structuredClone(STORIES[name]);
      this.querySelector("table").innerHTML = this.table();
      this.draw();
    }

    reset() { this.load(this.story); }
    back() { this.pause(); this.go(this.state.t - 1); }
    forward() { this.pause(); this.go(this.state.t + 1); }
    go(t) { this.change({ t: clamp(t, 1, this.state.inputs.length) }); }

    play() {
      if (this.playing) { this.pause(); return this.draw(); }
      if (this.state.t === this.state.inputs.length) this.state.t = 0;
      this.playing = setInterval(() => {
        if (this.state.t >= this.state.inputs.length) this.pause();
        else this.state.t += 1;
        this.draw();
        this.flow();
      }, this.state.flags ? 700 : 1500);
      this.draw();
    }

    pause() { this.playing = clearInterval(this.playing); }

    /* Change anything: f, i, c_tilde, o (a row), inputs, flags, start or t. */
    change(what) {
      Object.assign(this.state, what);
      this.draw();
    }

    /* Let a gate stand at a value at this step, by its bias. */
    turn(key, value) {
      const at = run(this.state)[this.state.t - 1], row = [...this.state[key]];
      const low = key === "c_tilde" ? -0.999 : 0.001;
      row[3] += UNDO[key](clamp(value, low, 0.999)) - clamp(at[`z_${key}`], -1e3, 1e3);
      this.change({ [key]: row });
    }

    input(step, value) {
      this.change({ inputs: this.state.inputs.with(step, Math.round(100 * value) / 100) });
    }

    flag(step) {
      const next = { 0: 1, 1: -1, [-1]: 0 };
      this.change({ flags: this.state.flags.with(step, next[this.state.flags[step]]) });
    }

    /* A pointer takes hold of a gate or of the strip. */
    grab(event) {
      const gate = event.target.closest("[data-gate]"), strip = event.target.closest("[data-strip]");
      if (!gate && !strip) return;
      event.preventDefault();
      this.pause();
      (gate ?? strip).focus({ preventScroll: true });
      const key = gate?.dataset.gate, held = gate && gate.querySelector(".box").getBoundingClientRect();
      const box = strip?.parentElement.getBoundingClientRect();
      const name = strip?.parentElement.classList.contains("tall") ? "tall" : "wide";
      const T = this.state.inputs.length;
      const at = ({ clientX, clientY }) => locate(STRIPS[name], T,
        (clientX - box.left) / box.width * STRIPS[name], (clientY - box.top) / box.width * STRIPS[name]);
      const first = strip && at(event);
      const move = (event) => {
        if (gate) {
          const open = (held.bottom - event.clientY) / held.height;
          this.turn(key, key === "c_tilde" ? 2 * open - 1 : open);
        } else if (first.row === "input") {
          this.state.t = first.step + 1;
          this.input(first.step, at(event).value);
        } else this.go(at(event).step + 1);
      };
      if (first?.row === "flag" && this.state.flags) {
        this.state.t = first.step + 1;
        return this.flag(first.step);
      }
      move(event);
      const drop = () => {
        removeEventListener("pointermove", move);
        this.tell();
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", drop, { once: true });
      addEventListener("pointercancel", drop, { once: true });
    }

    key(event) {
      const { target, key } = event, { t } = this.state;
      const up = { ArrowUp: 1, ArrowRight: 1, PageUp: 5, ArrowDown: -1, ArrowLeft: -1, PageDown: -5 }[key];
      const gate = target.closest("[data-gate]")?.dataset.gate;
      if (gate && (up || key === "Home" || key === "End")) {
        const now = run(this.state)[t - 1][gate];
        this.turn(gate, up ? now + 0.02 * up : key === "Home" ? -1 : 1);
      } else if (target.closest("[data-strip]")) {
        const vertical = { ArrowUp: 0.1, ArrowDown: -0.1 }[key];
        if (vertical) this.input(t - 1, clamp(this.state.inputs[t - 1] + vertical, -1, 1));
        else if (up) this.go(t + Math.sign(up) * Math.abs(up));
        else if (key === " " && this.state.flags) this.flag(t - 1);
        else if (key === "Home" || key === "End") this.go(key === "Home" ? 1 : Infinity);
        else return;
      } else if (target.closest(".equations") && up) {
        const all = [...this.querySelectorAll(".symbol")], next = all.indexOf(target) + Math.sign(up);
        all[clamp(next, 0, all.length - 1)]?.focus();
      } else return;
      event.preventDefault();
    }

    draw() {
      const { state } = this, trace = this.trace, now = trace[state.t - 1] ?? trace[0];
      const held = this.focused();
      this.querySelector(".diagram").innerHTML = diagram(WIDE, now) + diagram(TALL, now);
      const shown = { ...state, labels: [state.flags ? "value" : "input", "flag"],
        c: trace.map(({ c_t }) => c_t), t: Math.max(state.t, 1) };
      for (const name in STRIPS) {
        this.querySelector(`.strip.${name}`).innerHTML = strip(STRIPS[name], shown);
      }
      this.querySelector(".equations").innerHTML = EQUATIONS.map(([key, ...terms]) => {
        const products = typeof terms[0] === "string" ? [terms[0]] : terms.map((term) =>
          term.filter((name) => SYMBOLS[name]).map(symbol).join(" ⊙ "));
        return `<div>${symbol(key)} = ${products.join(" + ")} = <b>${number(now[key])}</b></div>`;
      }).join("");
      this.querySelector(".symbol").tabIndex = 0;
      this.querySelectorAll("[data-story]").forEach((button) => {
        button.ariaPressed = button.dataset.story === this.story;
      });
      const disabled = { back: state.t <= 1, forward: state.t >= trace.length };
      for (const name in disabled) this.querySelector(`[data-do=${name}]`).ariaDisabled = disabled[name];
      this.querySelectorAll("table input").forEach((input) => {
        const [key, place] = input.name.split(".");
        if (input !== document.activeElement) input.value = Number(state[key][place].toFixed(2));
      });
      this.querySelector("[data-do=play]").textContent = this.playing ? "Pause" : "Play";
      this.querySelector(".said").textContent = this.sentence(now);
      held && this.querySelector(held)?.focus({ preventScroll: true });
      if (this.lit) this.light(this.lit);
      clearTimeout(this.rest); // screen readers hear it when the hand rests
      this.rest = setTimeout(() => this.tell(), 700);
    }

    /* Name what has the focus, so that it has it again after drawing. */
    focused() {
      const held = document.activeElement;
      if (!this.contains(held)) return null;
      const layout = held.closest(".tall") ? ".tall" : ".wide";
      if (held.dataset.gate) return `${layout} [data-gate="${held.dataset.gate}"]`;
      if (held.closest("[data-strip]")) return `${layout} [data-strip]`;
      const symbols = [...this.querySelectorAll(".symbol")], place = symbols.indexOf(held);
      return place >= 0 ? `.equations > :nth-child(${symbols.slice(0, place + 1).filter((one) =>
        one.matches(":first-child")).length}) .symbol[data-key="${held.dataset.key}"]` : null;
    }

    tell() {
      clearTimeout(this.rest);
      if (!this.isConnected || this.playing) return;
      const said = this.querySelector("[aria-live]"), words = this.querySelector(".said").textContent;
      if (said.textContent !== words) said.textContent = words;
    }

    sentence(now) {
      const { state } = this, percent = (value) => `${Math.round(100 * value)}\u00a0%`;
      const kept = Math.abs(now.c_prev) < 0.005 ? "has nothing to keep"
        : `keeps ${percent(now.f)} of ${number(now.c_prev)}`;
      const written = Math.abs(now.written) < 0.005 ? "writes nothing"
        : `writes ${percent(now.i)} of ${number(now.c_tilde)}`;
      const shown = now.o < 0.005 ? "shows nothing of it" : `shows ${percent(now.o)} of tanh(${
        number(now.c_t)}): ${number(now.h_t)}`;
      const intro = JSON.stringify({ ...state, t: 0 }) === JSON.stringify({ ...STORIES[this.story], t: 0 })
        ? `${state.sentence} ` : "";
      return `${intro}Step ${Math.max(state.t, 1)}: the cell ${kept}, ${written}, and holds ${
        number(now.c_t)}. It ${shown}.`;
    }

    /* Values flow along the memory's line, unless motion is not wanted. */
    flow() {
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      for (const path of this.querySelectorAll(".diagram .q-c path:first-child")) {
        path.animate({ strokeDasharray: ["0 400", "400 0"] }, { duration: 450, easing: "ease-out" });
      }
    }

    copy() {
      const { label, sentence, ...state } = this.state;
      Picture.copy(this, { story: this.story, ...state }, this.querySelector("[data-do=copy]"));
    }

    /* Show what the address holds, as far as it can be shown. */
    restore() {
      const { story, ...given } = Picture.sent(this) ?? {}, own = STORIES[story];
      if (!this.stories(this.story).includes(story)) return;
      const T = own.inputs.length;
      const numbers = (list, length, most) => Array.isArray(list) && list.length === length
        && list.every((value) => Number.isFinite(value) && Math.abs(value) <= most);
      const state = structuredClone(own);
      for (const key in GATES) if (numbers(given[key], 4, 1e3)) state[key] = given[key];
      if (numbers(given.inputs, T, 1)) state.inputs = given.inputs;
      if (own.flags && numbers(given.flags, T, 1)) state.flags = given.flags.map(Math.sign);
      if (numbers(given.start, 2, 10)) state.start = given.start;
      if (Number.isInteger(given.t)) state.t = clamp(given.t, 1, T);
      this.story = story;
      this.state = state;
      this.draw();
      this.scrollIntoView();
    }
  }

  customElements.define("lstm-cell", LstmCell);
})();
