/* <lstm-stream>: the first thing to touch. A memory runs on a stream of values, and one gate, the
   forget gate, is in the reader's hand: what it does shows at once, on all that is remembered. */
(() => {
  const EVERY = 650; // ms a step
  const BEFORE = 60; // steps that are remembered beyond the left edge
  const LAYOUTS = {
    wide: { width: 720, height: 232, left: 16, right: 560, steps: 34, gate: 628 },
    tall: { width: 400, height: 264, left: 10, right: 296, steps: 20, gate: 348 },
  };
  const TOP = 62, FOOT = 172, HALF = 26; // the gate's box
  const ZERO = 128, UNIT = 46, MOST = 1.55; // the memory's zero line; pixels for a memory of 1; what is drawn of one
  const VALUES = [0.8, 0.4, -0.5, 0.6, -0.4, -0.9]; // they sum to 0: nothing runs away
  const ROUND = 6 * VALUES.length; // steps

  /* The value that step k brings: something to write every sixth step, else nothing. */
  const written = (k) => (k % 6 ? 0 : VALUES[(k / 6) % VALUES.length]);

  /* The memory after each step, with the forget gate at f: the input gate opens at a value only. */
  function memory(f, first, count) {
    const params = LSTM.make("lstm", 2, 1), logit = Math.log(f / (1 - f));
    //            i: opens at a flag; f: as it is set; candidate: the value; o: open
    params.W.set([0, 0, 24, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    params.b.set([-12, logit, 0, 12]);
    const x = Array.from({ length: count }, (_, k) => written(first + k)).flatMap((value) =>
      [Math.atanh(value * 0.999), value ? 1 : 0]);
    return LSTM.forward(params, Float64Array.from(x), count, 1).c.slice(1).map(([c]) => c);
  }

  class LstmStream extends HTMLElement {
    connectedCallback() {
      if (this.now) return this.go(); // only moved within the page
      [this.now, this.open] = [126, Picture.given(this).open ?? 0.8];
      this.innerHTML = `<div class="stream"></div><p class="said"></p>
        <p class="visually-hidden" aria-live="polite"></p>
        <button type="button">Pause</button>`;
      this.querySelector("button").addEventListener("click", () => this.toggle());
      this.addEventListener("pointerdown", (event) => this.grab(event));
      this.addEventListener("keydown", (event) => this.key(event));
      this.draw();
      this.toggle(!matchMedia("(prefers-reduced-motion: reduce)").matches);
      Picture.watch(this, (seen) => {
        this.seen = seen;
        this.go();
      });
    }

    disconnectedCallback() { this.timer = clearInterval(this.timer); }

    toggle(run = !this.running) {
      this.running = run;
      this.querySelector("button").textContent = run ? "Pause" : "Play";
      this.go();
    }

    /* It runs while somebody sees it. */
    go() {
      this.timer = clearInterval(this.timer);
      if (!this.running || !this.seen) return;
      this.timer = setInterval(() => {
        this.now += 1;
        this.draw();
      }, EVERY);
    }

    set(open) {
      this.open = Math.min(Math.max(open, 0), 1);
      this.draw();
      clearTimeout(this.rest); // screen readers hear it when the hand rests
      this.rest = setTimeout(() => {
        this.querySelector("[aria-live]").textContent = this.sentence();
      }, 700);
    }

    grab(event) {
      const gate = event.target.closest("[role=slider]");
      if (!gate) return;
      event.preventDefault();
      gate.focus({ preventScroll: true });
      const { bottom, height } = gate.querySelector(".box").getBoundingClientRect();
      const move = ({ clientY }) => this.set((bottom - clientY) / height);
      move(event);
      addEventListener("pointermove", move);
      const drop = () => removeEventListener("pointermove", move);
      addEventListener("pointerup", drop, { once: true });
      addEventListener("pointercancel", drop, { once: true });
    }

    key(event) {
      const by = { ArrowUp: 0.05, ArrowRight: 0.05, ArrowDown: -0.05, ArrowLeft: -0.05, Home: -1,
        End: 1, PageUp: 0.2, PageDown: -0.2 }[event.key];
      if (!by || !event.target.closest("[role=slider]")) return;
      event.preventDefault();
      this.set(this.open + by);
    }

    sentence() {
      const open = Math.round(100 * this.open), left = Math.round(100 * this.open ** 5);
      if (open === 100) return "Fully open: all of the memory is kept. Each new value is added, and one below zero takes away.";
      if (open === 0) return "Shut: the memory is emptied at every step. A value is gone one step later.";
      return `${open}\u00a0% open: each step, one bar, keeps ${open}\u00a0% of the memory, so five steps later ${
        left || "less than 1"}\u00a0% of a value is left.`;
    }

    draw() {
      const held = this.contains(document.activeElement) && document.activeElement.closest("svg");
      const f = Math.min(Math.max(this.open, 1e-6), 1 - 1e-6);
      this.querySelector(".stream").innerHTML = Object.entries(LAYOUTS).map(([name, layout]) =>
        this.picture(name, layout, this.remembered(f, layout.steps))).join("");
      this.querySelector(".said").textContent = this.sentence();
      if (held) this.querySelector(`svg.${held.classList[0]} [role=slider]`).focus({ preventScroll: true });
    }

    /* The memory after each of the last steps. It was empty some rounds ago, always at the same place
       of one: else all of it would jump whenever its first value went. */
    remembered(f, steps) {
      const first = Math.floor((this.now - steps - BEFORE) / ROUND) * ROUND;
      return memory(f, first, this.now - first).slice(-steps);
    }

    picture(name, { width, height, left, right, steps, gate }, c) {
      const text = (x, y, content, kind = "", anchor = "middle") =>
        `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${content}</text>`;
      const column = (right - left) / steps, first = this.now - steps;
      let bars = "";
      for (let k = 0; k < steps; k++) {
        const x = left + column * k, value = c[k], arrives = written(first + k);
        const size = Math.min(Math.abs(value), MOST) * UNIT, at = value > 0 ? ZERO - size : ZERO;
        bars += `<rect class="memory ${value < 0 ? "negative" : ""}" x="${x + 1}" y="${at}"
          width="${column - 2}" height="${Math.max(size, 0.5)}"/>`;
        if (arrives) {
          bars += `<path class="write" transform="translate(${x + column / 2} 30)" d="M-6-6h12l-6 11z"/>`
            + text(x + column / 2, 18, arrives.toFixed(1).replace("-", "−").replace(/^\d/, "+$&"), "small");
        }
      }
      const level = FOOT - this.open * (FOOT - TOP), percent = Math.round(100 * this.open);
      return `<svg class="${name}" viewBox="0 0 ${width} ${height}" role="group"
        aria-label="A memory on a stream of values">
        ${text(left, height - 24, "← earlier", "small", "start")}
        ${text(right, height - 24, "now", "small", "end")}
        <path class="zero" d="M${left} ${ZERO}H${gate - HALF - 8}"/>${bars}
        ${text(left, 50, "the memory", "small", "start")}
        <g class="gate" role="slider" tabindex="0" aria-label="Forget gate" aria-valuemin="0"
          aria-valuemax="100" aria-valuenow="${percent}" aria-valuetext="${percent} percent open"
          aria-orientation="vertical">
          <rect class="hit" x="${gate - HALF - 22}" y="${TOP - 26}" width="${2 * HALF + 44}"
            height="${FOOT - TOP + 52}"/>
          <rect class="box" x="${gate - HALF}" y="${TOP}" width="${2 * HALF}" height="${FOOT - TOP}" rx="4"/>
          <rect class="level" x="${gate - HALF}" y="${level}" width="${2 * HALF}" height="${FOOT - level}"/>
          <path class="handle" d="M${gate - HALF - 8} ${level}h${2 * HALF + 16}"/>
          <path class="hint" d="${this.open < 0.93 ? `M${gate} ${level - 8}l-6 0l6-8l6 8z` : ""}${
            this.open > 0.07 ? `M${gate} ${level + 8}l-6 0l6 8l6-8z` : ""}"/></g>
        ${text(gate, TOP - 22, "forget gate")}${text(gate, FOOT + 24, `${percent}\u00a0%`, "value")}</svg>`;
    }
  }

  customElements.define("lstm-stream", LstmStream);
})();
