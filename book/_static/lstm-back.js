/* <lstm-back>: four steps of a cell with one memory, and the way back through them. A loss is put
   at one of the steps; each path shows how much of the gradient it carries. */
(() => {
  const { number } = LSTM.draw;
  const T = 4, X = [0.9, -0.4, 0.6, 0.3];
  // i, f, c_tilde, o: weight on h, on x, bias; the forget gate's bias is set by hand.
  const WEIGHTS = { i: [0.8, 1.2, 0.3], f: [0.6, 0.5, 0], c_tilde: [0.9, 1.4, 0], o: [0.5, 0.4, 0.8] };
  const LAYOUTS = {
    wide: { width: 720, first: 60, column: 150, top: 66, foot: 206, height: 290 },
    tall: { width: 400, first: 32, column: 83, top: 66, foot: 246, height: 330 },
  };

  /* Values forward; then, for a loss h_s, what flows back over each path. */
  function compute(bias, s) {
    const params = LSTM.make("lstm", 1, 1), rows = LSTM.BLOCKS.lstm.map((key) => [...WEIGHTS[key]]);
    rows[1][2] = bias;
    params.W.set(rows.flatMap(([h, x]) => [h, x]));
    params.b.set(rows.map((row) => row[2]));
    const run = LSTM.forward(params, Float64Array.from(X), T, 1);
    const dh = X.map((_, t) => (t + 1 === s ? [1] : null));
    const grads = LSTM.backward(run, dh);
    const value = (list) => list.map(([one]) => one);
    const [h, c, gh, gc] = [run.h, run.c, grads.h, grads.c].map(value), paths = [];
    for (let t = 1; t <= T; t++) {
      const [i, f, c_tilde, o] = run.gates[t - 1], tanh_c = Math.tanh(c[t]);
      const by = { // the local derivative along each path into step t
        cc: f, ch: o * (1 - tanh_c ** 2), hh: tanh_c * o * (1 - o) * WEIGHTS.o[0],
        hc: c[t - 1] * f * (1 - f) * WEIGHTS.f[0] + c_tilde * i * (1 - i) * WEIGHTS.i[0]
          + i * (1 - c_tilde ** 2) * WEIGHTS.c_tilde[0],
      };
      const into = { cc: gc[t], hc: gc[t], ch: gh[t], hh: gh[t] };
      for (const way in by) paths.push({ way, t, local: by[way], flow: t > s ? 0 : into[way] * by[way] });
    }
    let direct = paths.find(({ way, t }) => way === "ch" && t === s).local; // along the top alone
    for (let t = 2; t <= s; t++) direct *= run.gates[t - 1][1];
    return { h, c, gh, gc, paths, direct, f: run.gates.map((z) => z[1]) };
  }

  class LstmBack extends HTMLElement {
    connectedCallback() {
      if (this.values) return; // only moved within the page
      this.innerHTML = `<label class="slider">Forget gate's bias <i>b<sub>f</sub></i><span
        aria-hidden="true"></span><input type="range" min="-4" max="6" step="0.1" value="1"></label>
        <div class="diagram"></div><p class="said"></p>
        <p class="visually-hidden" aria-live="polite"></p>
        <p class="small">Numbers: a state's value, and below it, after ∂, the gradient of the loss by
        it. A path's width is how much it carries back; a hollow arrow, negative.</p>`;
      this.addEventListener("input", ({ target }) => this.set({ bias: Number(target.value) }));
      this.addEventListener("click", ({ target }) => this.choose(target));
      this.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        if (this.choose(event.target)) event.preventDefault();
      });
      this.set({ bias: 1, s: T, ...Picture.given(this) });
    }

    choose(target) {
      const loss = target.closest("[data-loss]");
      if (loss) this.set({ s: Number(loss.dataset.loss) });
      return loss;
    }

    /* Set bias, or s, the step that the loss looks at. */
    set(what) {
      Object.assign(this, what);
      this.values = compute(this.bias, this.s);
      const held = document.activeElement?.closest?.("[data-loss]") && this.contains(document.activeElement);
      const name = held && document.activeElement.closest("svg").classList[0];
      this.querySelector(".diagram").innerHTML = Object.entries(LAYOUTS).map(([name, layout]) =>
        this.picture(name, layout)).join("");
      if (held) this.querySelector(`svg.${name} [data-loss="${this.s}"]`).focus({ preventScroll: true });
      const slider = this.querySelector("input");
      slider.value = this.bias;
      slider.previousElementSibling.textContent = slider.ariaValueText = number(this.bias);
      this.querySelector(".said").textContent = this.sentence();
      clearTimeout(this.rest);
      this.rest = setTimeout(() => {
        this.querySelector("[aria-live]").textContent = this.sentence();
      }, 700);
    }

    sentence() {
      const { gc, direct, f } = this.values, { s } = this, keep = f.slice(1, s).map(number).join(" × ");
      if (s === 1) return "The loss looks at h₁: the way back to c₁ is one step down. Choose a later one.";
      const share = Math.round(100 * direct / gc[1]);
      return `The loss looks at h${"₁₂₃₄"[s - 1]}. Back at c₁ its gradient is ${gc[1].toFixed(3)}; ${
        direct.toFixed(3)} of it, ${share}\u00a0%, came straight along the top, through the forget gates ${
        keep}. The rest went through hidden states.`;
    }

    picture(name, { width, first, column, top, foot, height }) {
      const { h, c, gh, gc, paths } = this.values;
      const text = (x, y, content, kind = "", anchor = "middle") =>
        `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${content}</text>`;
      const at = { c: (t) => [first + column * t, top], h: (t) => [first + column * t, foot] };
      const most = Math.max(...paths.map(({ flow }) => Math.abs(flow)));
      const ends = { cc: (t) => [at.c(t - 1), at.c(t)], hc: (t) => [at.h(t - 1), at.c(t)],
        ch: (t) => [at.c(t), at.h(t)], hh: (t) => [at.h(t - 1), at.h(t)] };
      const edge = ({ way, t, flow }) => {
        const [[x0, y0], [x1, y1]] = ends[way](t), length = Math.hypot(x1 - x0, y1 - y0);
        const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length], R = 19;
        const [ax, ay, bx, by] = [x0 + R * dx, y0 + R * dy, x1 - R * dx, y1 - R * dy];
        const wide = Math.abs(flow) < 1e-9 ? 0 : Math.max(0.6, 10 * Math.abs(flow) / most);
        const back = wide && `<g class="back ${flow < 0 ? "negative" : ""}"><path stroke-width="${wide}"
          d="M${bx} ${by}L${ax + 9 * dx} ${ay + 9 * dy}"/><path class="head" d="M0 0l-12-7v14z"
          transform="matrix(${[-dx, -dy, dy, -dx, ax, ay]})"/></g>`;
        const part = { cc: 0.5, hh: 0.5, hc: 0.66, ch: 0.74 }[way]; // where along it the number is
        const [anchor, sx, sy] = { cc: ["middle", 0, -10], hh: ["middle", 0, -10],
          hc: ["end", -8, -4], ch: ["end", -7, 4] }[way];
        const label = text(ax + part * (bx - ax) + sx, ay + part * (by - ay) + sy, number(flow),
          "gradient small", anchor);
        return back ? back + label : `<path class="way" d="M${ax} ${ay}L${bx} ${by}"/>`;
      };
      const node = (letter, t, value, gradient) => {
        const [x, y] = at[letter](t), up = letter === "c" ? -34 : 36;
        return `<circle class="node" cx="${x}" cy="${y}" r="17"/>`
          + text(x, y + 5, `<tspan font-style="italic">${letter}</tspan><tspan class="small" dy="3">${t}</tspan>`)
          + text(x, y + up, number(value), "small") + (t > this.s ? "" :
            text(x, y + up + (letter === "c" ? 13 : 14), `∂ ${number(gradient)}`, "gradient small"));
      };
      let nodes = "", losses = "";
      for (let t = 0; t <= T; t++) {
        nodes += node("c", t, c[t], gc[t]) + node("h", t, h[t], gh[t]);
        if (!t) continue;
        const [x, y] = at.h(t), chosen = t === this.s;
        losses += `<g class="loss" data-loss="${t}" role="button" tabindex="0" aria-pressed="${chosen}"
          aria-label="${chosen ? "The loss" : "Put the loss here"}, at step ${t}"><rect x="${x - 24}" y="${y + 58}" width="48" height="26" rx="13"/>
          ${text(x, y + 75, chosen ? "loss" : "here", "small")}</g>`;
      }
      return `<svg class="${name}" viewBox="0 10 ${width} ${height}" role="group"
        aria-label="Four steps of the cell, and the gradient's way back">${paths.map(edge).join("")}${
        nodes}${losses}</svg>`;
    }
  }

  customElements.define("lstm-back", LstmBack);
})();
