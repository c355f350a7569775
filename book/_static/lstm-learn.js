/* <lstm-learn>: a tanh RNN, an LSTM and a GRU learn the same task side by side, from start to end in
   the reader's browser: the same batches, updates, learning rate and clipping, and about as many
   weights each.

     <lstm-learn task="adding" set="T=60 bias=-1">

   It learns while it is watched, in the time that the page has left. */
(() => {
  const BATCH = 20;
  const SHOW = 200; // ms between two pictures
  const KINDS = {
    lstm: { label: "LSTM", size: 1 },
    gru: { label: "GRU", size: 2 / Math.sqrt(3) },
    rnn: { label: "tanh RNN", size: 2 }, // its one block against the LSTM's four
  };

  /* Each draws a batch: inputs x (T, B, D), targets y (T, B), and from which step on they count.
     `guess` is the loss of the best constant answer. */
  const TASKS = {
    adding: {
      label: "Adding problem", D: 2, guess: 1 / 6, solved: 0.02,
      says: (T) => `Two of ${T} numbers are marked, one in each half; the answer is their sum.`,
      draw(random, T) {
        const x = new Float64Array(T * BATCH * 2), y = new Float64Array(T * BATCH);
        for (let e = 0; e < BATCH; e++) {
          const half = Math.floor(T / 2), marks = [Math.floor(random() * half),
            half + Math.floor(random() * (T - half))];
          for (let t = 0; t < T; t++) x[(t * BATCH + e) * 2] = random();
          for (const t of marks) {
            x[(t * BATCH + e) * 2 + 1] = 1;
            y[(T - 1) * BATCH + e] += x[(t * BATCH + e) * 2];
          }
        }
        return { x, y, from: T - 1 };
      },
    },
    echo: {
      label: "Echo", D: 1, guess: 1, solved: 0.1,
      says: (T) => `Say what came ${Math.floor(T / 3)} steps ago: +1 or −1.`,
      draw(random, T) {
        const lag = Math.floor(T / 3), x = Float64Array.from({ length: T * BATCH }, () =>
          (random() < 0.5 ? -1 : 1));
        return { x, y: x.map((_, k) => x[k - lag * BATCH] ?? 0), from: lag };
      },
    },
    parity: {
      label: "Parity", D: 1, guess: 1, solved: 0.1,
      says: () => "At every step: were there an odd (+1) or an even (−1) number of ones so far?",
      draw(random, T) {
        const x = Float64Array.from({ length: T * BATCH }, () => (random() < 0.5 ? 1 : 0));
        const y = new Float64Array(T * BATCH);
        for (let k = 0; k < y.length; k++) {
          const odd = k < BATCH ? false : y[k - BATCH] > 0;
          y[k] = odd !== (x[k] === 1) ? 1 : -1;
        }
        return { x, y, from: 0 };
      },
    },
  };
  const SETTINGS = {
    T: { label: "Sequence length", values: [10, 20, 30, 40, 60, 80], start: 30 },
    H: { label: "Hidden size of the LSTM", values: [4, 8, 16, 24], start: 16 },
    bias: { label: "Forget bias", values: [-1, 0, 1, 2, 3, 5], start: 1 },
    rate: { label: "Learning rate", values: [0.001, 0.003, 0.01, 0.02, 0.03, 0.1], start: 0.02 },
    clip: { label: "Clip the gradient's norm at", values: [0.1, 1, Infinity], start: 1 },
  };

  /* One model with its linear answer y = v · h + v_0, and how it fares. */
  class Learner {
    constructor(kind, task, { T, H, bias, rate, clip }, seed) {
      Object.assign(this, { kind, task: TASKS[task], T, rate, clip, losses: [] });
      this.H = Math.max(1, Math.round(H * KINDS[kind].size));
      this.random = LSTM.seeded(seed);
      this.batches = LSTM.seeded(seed + 1e6); // the same for all three
      this.params = LSTM.init(kind, this.task.D, this.H, this.random, { forgetBias: bias });
      this.v = Float64Array.from({ length: this.H + 1 }, (_, k) =>
        (k < this.H ? (2 * this.random() - 1) / Math.sqrt(this.H) : 0));
      this.adam = new LSTM.Adam([this.params.W, this.params.b, this.v]);
    }

    step() {
      const { T, H, v, task } = this, { x, y, from } = task.draw(this.batches, T);
      const run = LSTM.forward(this.params, x, T, BATCH), dv = new Float64Array(H + 1);
      const count = (T - from) * BATCH;
      let loss = 0;
      const dh = run.h.slice(1).map((h, t) => {
        if (t < from) return null;
        const slopes = new Float64Array(BATCH * H);
        for (let e = 0; e < BATCH; e++) {
          let answer = v[H];
          for (let k = 0; k < H; k++) answer += v[k] * h[e * H + k];
          const error = answer - y[t * BATCH + e], slope = 2 * error / count;
          loss += error ** 2 / count;
          dv[H] += slope;
          for (let k = 0; k < H; k++) {
            dv[k] += slope * h[e * H + k];
            slopes[e * H + k] = slope * v[k];
          }
        }
        return slopes;
      });
      const grads = LSTM.backward(run, dh);
      this.losses.push(loss);
      this.norm = this.adam.update([grads.W, grads.b, dv], this.rate, this.clip);
      this.last = { run, x };
    }

    /* The loss over the last 30 batches. */
    get loss() {
      const last = this.losses.slice(-30);
      return last.reduce((sum, value) => sum + value, 0) / last.length;
    }

    /* Norm of the gradient of the last state by each state before it, k steps ago: v stands for
       what a loss at the end asks of h_T. */
    lags() {
      const { run } = this.last, { T, H, v } = this, B = run.B;
      const dh_T = Float64Array.from({ length: B * H }, (_, k) => v[k % H]);
      const { h } = LSTM.backward(run, null, dh_T);
      return h.map((slopes) => Math.hypot(...slopes)).reverse().slice(0, T);
    }
  }

  const decimals = (value) => (value < 0.095 ? value.toFixed(3) : value.toFixed(2));

  class LstmLearn extends HTMLElement {
    connectedCallback() {
      if (this.learners) return; // only moved within the page
      this.role = "group";
      this.ariaLabel = "Three networks that learn";
      const options = (values, start) => values.map((value) =>
        `<option value="${value}" ${value === start ? "selected" : ""}>${
          value === Infinity ? "not at all" : String(value).replace("-", "−")}</option>`).join("");
      const own = this.getAttribute("task") || "adding";
      this.innerHTML = `<div class="bar"><label>Task <select name="task">${
        Object.entries(TASKS).map(([name, { label }]) => `<option value="${name}" ${
          name === own ? "selected" : ""}>${label}</option>`).join("")}</select></label>
        <button type="button" name="play">Start</button><button type="button" name="step">One update</button>
        <button type="button" name="restart">Restart</button>
        <button type="button" name="reseed">Another seed</button></div>
        <p class="said"></p><p class="visually-hidden" aria-live="polite"></p>
        <div class="charts"></div>
        <details ${this.hasAttribute("set") ? "open" : ""}><summary>Settings</summary><div class="settings">${
          Object.entries(SETTINGS).map(([name, { label, values, start }]) =>
            `<label>${label} <select name="${name}">${options(values, start)}</select></label>`).join("")
        }</div><button type="button" name="copy">Copy link</button></details>`;
      this.seed = 1;
      const sent = Picture.sent(this);
      this.take({ ...Picture.given(this), ...sent });
      this.addEventListener("change", () => this.restart());
      this.addEventListener("click", ({ target }) => this[target.name]?.());
      this.restart();
      Picture.watch(this, (seen) => {
        this.seen = seen;
        this.go();
      });
      if (sent) this.scrollIntoView();
    }

    disconnectedCallback() { this.pause(); }

    /* Choose what a state has of settings, as far as they can be chosen. */
    take({ seed, ...chosen }) {
      if (Number.isInteger(seed) && seed > 0) this.seed = seed;
      for (const select of this.querySelectorAll("select")) {
        // JSON has no infinity: "not at all" is null there
        const value = String(chosen[select.name] === null ? Infinity : chosen[select.name]);
        if ([...select.options].some((option) => option.value === value)) select.value = value;
      }
    }

    get settings() {
      return Object.fromEntries([...this.querySelectorAll("select")].map(({ name, value }) =>
        [name, name === "task" ? value : Number(value)]));
    }

    restart() {
      this.pause();
      const { task, ...settings } = this.settings;
      this.learners = Object.keys(KINDS).map((kind) => new Learner(kind, task, settings, this.seed));
      this.took = this.turn = 0;
      this.draw();
    }

    reseed() {
      this.seed += 1;
      this.restart();
    }

    step() {
      this.pause();
      do this.update();
      while (this.turn); // one of each
      this.draw();
    }

    copy() { Picture.copy(this, { ...this.settings, seed: this.seed }, this.querySelector("[name=copy]")); }

    play() {
      if (this.running) {
        this.pause();
        return this.draw();
      }
      this.running = true;
      this.querySelector("[name=play]").textContent = "Pause";
      this.go();
    }

    pause() {
      this.running = false;
      this.next = Picture.cancel(this.next);
      this.querySelector("[name=play]").textContent = "Start";
    }

    /* The next network's update. The page is never kept for longer than one of them. */
    update() {
      this.learners[this.turn].step();
      this.turn = (this.turn + 1) % this.learners.length;
    }

    /* Wait for the page's next idle moment, if this is to learn and somebody sees it. */
    go() {
      this.next = Picture.cancel(this.next);
      if (this.running && this.seen) this.next = Picture.whenIdle((left) => this.learn(left));
    }

    /* Learn for the time that is left, show it now and then, and go on. */
    learn(left) {
      const began = performance.now();
      do this.update();
      while (left() > 1);
      this.took += performance.now() - began;
      const [{ losses: { length } }] = this.learners, level = this.turn === 0;
      if (level && (length >= 5000 || this.learners.every(({ losses, loss, task }) =>
        losses.length >= 30 && loss < task.solved))) this.pause();
      if (!this.running || began - (this.shown ?? 0) > SHOW) this.draw();
      this.go();
    }

    sentence() {
      const { task: { says, guess, solved }, T, losses } = this.learners[0];
      const task = says(T);
      if (!losses.length) return `${task} Nothing is learnt yet. Seed ${this.seed}.`;
      const state = ({ kind, loss, norm }) => {
        const name = `the ${KINDS[kind].label}`;
        if (!Number.isFinite(norm)) return `${name} has exploded`;
        if (loss < solved) return `${name} has it (${decimals(loss)})`;
        return `${name} ${loss > 0.9 * guess ? "still guesses" : "is on its way"} (${decimals(loss)})`;
      };
      return `${task} After ${losses.length} update${losses.length === 1 ? "" : "s"}, ${(this.took / 1000).toFixed(1)} s: ${
        this.learners.map(state).join(", ")}. Guessing: ${decimals(guess)}.`;
    }

    draw() {
      this.shown = performance.now();
      const words = this.sentence();
      this.querySelector(".said").textContent = words;
      if (!this.running) this.querySelector("[aria-live]").textContent = words;
      this.querySelector(".charts").innerHTML = [this.losses(), this.gates(), this.lags()].join("");
    }

    chart(title, x, [low, high], log, lines, extra = "") {
      const place = { left: 40, right: 232, top: 24, foot: 138 };
      const scale = log ? Math.log10 : (value) => value;
      const y = (value) => place.foot - (scale(Math.min(Math.max(value, low), high)) - scale(low))
        / (scale(high) - scale(low)) * (place.foot - place.top);
      const at = (k, count) => place.left + (place.right - place.left) * k / Math.max(1, count - 1);
      const path = (values) => values.map((value, k) =>
        `${k ? "L" : "M"}${at(k, values.length).toFixed(1)} ${y(value).toFixed(1)}`).join("");
      const tick = (value) => (log ? `10<tspan dy="-4" font-size="8">${
        String(Math.round(Math.log10(value))).replace("-", "−")}</tspan>` : value);
      return `<svg viewBox="0 0 240 172" role="img" aria-label="${title}">
        <text x="${place.left}" y="14">${title}</text>
        <path class="grid" d="M${place.left} ${place.top}V${place.foot}H${place.right}"/>
        <text class="small" x="${place.left - 4}" y="${place.top + 4}" text-anchor="end">${tick(high)}</text>
        <text class="small" x="${place.left - 4}" y="${place.foot}" text-anchor="end">${tick(low)}</text>
        <text class="small" x="${place.right}" y="${place.foot + 14}" text-anchor="end">${x}</text>
        ${extra && `<path class="grid guess" d="M${place.left} ${y(extra)}H${place.right}"/>`}
        ${lines.filter(({ values }) => values.length > 1).map(({ kind, values }) =>
          `<path class="line k-${kind}" d="${path(values)}"/>`).join("")}
        ${lines.map(({ kind, label }, k) => `<path class="line k-${kind}" d="M${place.left + 66 * k} 162h16"/>
          <text class="small" x="${place.left + 66 * k + 20}" y="166">${label}</text>`).join("")}</svg>`;
    }

    losses() {
      const smooth = (losses) => { // at most 120 points, each the mean of what lies between
        const each = Math.max(1, Math.ceil(losses.length / 120)), means = [];
        for (let k = 0; k + each <= losses.length; k += each) {
          means.push(losses.slice(k, k + each).reduce((sum, value) => sum + value, 0) / each);
        }
        return means;
      };
      const { task: { guess }, losses: { length } } = this.learners[0];
      return this.chart("Loss, and guessing (thin)", `${length} updates`, [0.001, 1], true,
        this.learners.map(({ kind, losses }) => ({ kind, label: KINDS[kind].label, values: smooth(losses) })),
        guess);
    }

    gates() {
      const { last, T, H } = this.learners[0];
      const mean = (block) => (last ? last.run.gates.map((z) => {
        let sum = 0;
        for (let k = 0; k < H; k++) sum += z[block * H + k]; // of the first example
        return sum / H;
      }) : []);
      return this.chart("The LSTM's gates, mean of all units", `step ${T}`, [0, 1], false, [
        { kind: "f", label: "forget", values: mean(1) }, { kind: "i", label: "input", values: mean(0) },
        { kind: "o", label: "output", values: mean(3) }]);
    }

    lags() {
      return this.chart("Gradient by lag, of lag 0", `lag ${this.learners[0].T - 1}`, [1e-8, 10], true,
        this.learners.map((learner) => {
          const norms = learner.last ? learner.lags() : [];
          return { kind: learner.kind, label: KINDS[learner.kind].label,
            values: norms.map((norm) => norm / norms[0] || 1e-30) };
        }));
    }
  }

  customElements.define("lstm-learn", LstmLearn);
})();
