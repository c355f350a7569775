/* <lstm-writer>: the character model of the chapter "A writer", in the reader's browser. A click
   loads its weights, which are a script, since pages opened as files can load nothing else.

     <lstm-writer src="../_static/writer-weights.js">

   What it found is kept for each character of the text: state and gates, and what it expects next. */
(() => {
  const LONGEST = 3000, WRITES = 200; // characters
  const SLICE = 14, SHOW = 150; // ms of reading at once, and between two pictures
  const BEGIN = "\n\n"; // read before the text, so that its first character is expected, too
  const START = "PROSPERO\nOur revels now are ended. These our actors,\n";
  const BLOCKS = { i: 0, f: 1, c_tilde: 2, o: 3 };
  const SHOWN = { c: "cell state c", h: "hidden state h", f: "forget gate f", i: "input gate i",
    c_tilde: "candidate c̃", o: "output gate o" };
  const GATES = { f: "forget gate", i: "input gate", o: "output gate" };
  const name = (character) => ({ "\n": "the end of the line", " ": "a space" })[character] ?? `“${character}”`;
  const signed = (value) => value.toFixed(2).replace("-", "−");

  /* The bytes of a string of base64, as an array of a kind. */
  const unpack = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

  class Model {
    constructor({ characters, W, W_scale, b, V, V_scale, d }) {
      this.characters = characters;
      this.b = unpack(b, Float32Array);
      this.H = this.b.length / 4;
      this.params = LSTM.make("lstm", characters.length, this.H, Float32Array);
      const whole = (values, scales) => { // whole numbers of 8 bits, each row with its scale
        const width = values.length / scales.length;
        return Float32Array.from(values, (value, k) => value * scales[Math.floor(k / width)]);
      };
      this.W = whole(unpack(W, Int8Array), unpack(W_scale, Float32Array));
      this.V = whole(unpack(V, Int8Array), unpack(V_scale, Float32Array));
      this.d = unpack(d, Float32Array);
      this.hold();
    }

    /* Hold a gate open (1) or shut (0), of all memories or of one; without a gate, of none. */
    hold(gate, open, memory) {
      const { params, H } = this, width = params.W.length / params.b.length;
      params.W.set(this.W);
      params.b.set(this.b);
      if (!gate) return;
      for (let k = 0; k < H; k++) {
        if (memory !== undefined && k !== memory) continue;
        const row = BLOCKS[gate] * H + k;
        params.W.fill(0, row * width, (row + 1) * width);
        params.b[row] = open ? 40 : -40;
      }
    }

    /* Read a character after a state; without a state, after zeros. */
    read(character, before) {
      const x = new Float32Array(this.characters.length);
      x[this.characters.indexOf(character)] = 1;
      const run = LSTM.forward(this.params, x, 1, 1, before?.h, before?.c);
      return { character, h: run.h[1], c: run.c[1], gates: run.gates[0] };
    }

    /* How probable each character is next. */
    expect({ h }, temperature = 1) {
      const { V, d, H } = this, z = Float64Array.from(d);
      for (let j = 0; j < z.length; j++) {
        for (let k = 0; k < H; k++) z[j] += V[j * H + k] * h[k];
      }
      const most = Math.max(...z);
      let sum = 0;
      for (let j = 0; j < z.length; j++) sum += z[j] = Math.exp((z[j] - most) / temperature);
      return z.map((value) => value / sum);
    }

    value({ h, c, gates }, what, memory) {
      if (what === "c") return c[memory];
      if (what === "h") return h[memory];
      return gates[BLOCKS[what] * this.H + memory];
    }
  }

  class LstmWriter extends HTMLElement {
    connectedCallback() {
      if (this.still) return; // only moved within the page
      this.role = "group";
      this.ariaLabel = "A network that reads and writes";
      this.still = this.innerHTML;
      this.insertAdjacentHTML("beforeend", `<div class="bar"><button type="button" name="load">Load
        the network (0.5 MB)</button></div><p class="said" aria-live="polite"></p>`);
      this.addEventListener("click", ({ target }) => this[target.closest("button")?.name]?.());
      this.sent = Picture.sent(this);
      if (!this.sent) return;
      this.querySelector(".said").textContent = "This link holds a text. Load the network to see what it holds of it.";
      this.scrollIntoView();
    }

    disconnectedCallback() { this.next = Picture.cancel(this.next); }

    load() {
      this.querySelector(".said").textContent = "Loading …";
      const script = document.createElement("script");
      script.src = this.getAttribute("src");
      script.onload = () => this.begin(new Model(LSTM.writer), LSTM.writer);
      script.onerror = () => {
        this.querySelector(".said").textContent = `${script.src} could not be loaded.`;
      };
      document.head.append(script);
    }

    begin(model, { memories, scene }) {
      Object.assign(this, { model, scene, seed: 0, memory: memories[0][1], read: [], spans: [], past: [] });
      const options = (pairs) => pairs.map(([value, label]) =>
        `<option value="${value}">${label}</option>`).join("");
      const held = Object.entries(GATES).flatMap(([gate, label]) =>
        [[`${gate} 0`, `${label} shut`], [`${gate} 1`, `${label} open`]]);
      this.innerHTML = `<label class="wide-label">Type, or let it write
          <textarea name="text" rows="4" maxlength="${LONGEST}" spellcheck="false"></textarea></label>
        <div class="bar"><button type="button" name="write">Write on</button>
          <label class="slider">Temperature <span></span>
            <input type="range" name="temperature" min="0.2" max="1.6" step="0.1" value="0.8"></label>
          <button type="button" name="play">A scene</button>
          <button type="button" name="undo">Undo</button>
          <button type="button" name="copy">Copy link</button></div>
        <div class="bar"><label>Gates <select name="held">${options([["", "as learnt"], ...held])}</select></label>
          <label>of <select name="whose">${options([["all", "all memories"], ["one", "this memory"]])}</select></label></div>
        <div class="bar"><label>Memory that follows <select name="found">${
          options([...memories.map(([label, k]) => [k, `${label} (${k})`]), ["", "…"]])}</select></label>
          <label>Number <input type="number" name="memory" min="0" max="${model.H - 1}"></label>
          <label>Show <select name="show">${options(Object.entries(SHOWN))}</select></label></div>
        <div class="text" role="img" tabindex="0"></div>
        <label class="slider">Character <span></span><input type="range" name="at" min="0" step="1"></label>
        <p class="said"></p><p class="visually-hidden" aria-live="polite"></p>
        <details open><summary>All ${model.H} memories after this character</summary>
          <div class="grids"></div></details>`;
      this.addEventListener("input", ({ target }) => this.changed(target));
      this.querySelector(".text").addEventListener("click", ({ target }) => {
        const at = this.spans.indexOf(target);
        if (at >= 0) this.choose(at);
      });
      this.querySelector(".grids").addEventListener("click", ({ target }) => {
        if (target.dataset.memory) this.pick(Number(target.dataset.memory));
      });
      this.take(this.sent ?? {});
    }

    /* Show a state, as far as it can be shown. */
    take({ text, memory, temperature, seed, ...chosen }) {
      this.field("text").value = typeof text === "string" ? text.slice(0, LONGEST) : START;
      if (Number.isFinite(temperature)) this.field("temperature").value = temperature;
      if (Number.isInteger(seed)) this.seed = seed;
      for (const key of ["held", "whose", "show"]) {
        const field = this.field(key);
        if ([...field.options].some(({ value }) => value === chosen[key])) field.value = chosen[key];
      }
      this.pick(Number.isInteger(memory) && memory >= 0 && memory < this.model.H ? memory : this.memory);
      this.hold();
    }

    copy() {
      const chosen = Object.fromEntries(["text", "held", "whose", "show"].map((key) => [key, this.field(key).value]));
      const { memory, seed } = this, temperature = Number(this.field("temperature").value);
      Picture.copy(this, { ...chosen, memory, temperature, seed }, this.querySelector("[name=copy]"));
    }

    field(key) { return this.querySelector(`[name=${key}]`); }

    get known() {
      return [...this.field("text").value].filter((c) => this.model.characters.includes(c));
    }

    changed({ name: key, value }) {
      if (key === "text") this.follow();
      if (key === "temperature") this.draw();
      if (key === "found" && value) this.pick(Number(value));
      if (key === "memory" && value !== "") {
        this.pick(Math.min(Math.max(Math.round(Number(value)), 0), this.model.H - 1));
      }
      if (key === "show") this.draw();
      if (key === "at") this.choose(Number(value));
      if (key === "held" || key === "whose") this.hold();
    }

    hold() {
      const [gate, open] = this.field("held").value.split(" ");
      this.model.hold(gate, open === "1", this.field("whose").value === "one" ? this.memory : undefined);
      this.read = [];
      this.follow();
    }

    pick(memory) {
      this.memory = memory;
      this.field("memory").value = memory;
      const found = this.field("found");
      found.value = String(memory);
      if (found.selectedIndex < 0) found.value = "";
      if (this.field("held").value && this.field("whose").value === "one") this.hold();
      else this.draw();
    }

    choose(at) {
      this.at = at;
      this.draw();
    }

    /* Text from elsewhere than the keyboard can be taken back. */
    replace(text) {
      this.past.push(this.field("text").value);
      this.field("text").value = text;
      this.follow();
    }

    play() { this.replace(this.scene); }

    undo() {
      this.left = 0;
      if (this.past.length) this.field("text").value = this.past.pop();
      this.follow();
    }

    write() {
      if (this.left) {
        this.left = 0;
        return;
      }
      const text = this.field("text");
      this.past.push(text.value);
      this.left = Math.min(WRITES, LONGEST - text.value.length);
      this.seed += 1;
      this.random = LSTM.seeded(this.seed);
      this.follow();
    }

    /* Draw the next character from what is expected, and put it behind the text. */
    drawn() {
      const chances = this.model.expect(this.read.at(-1), Number(this.field("temperature").value));
      let rest = this.random(), k = 0;
      while (k < chances.length - 1 && rest >= chances[k]) rest -= chances[k++];
      this.field("text").value += this.model.characters[k];
      this.left -= 1;
    }

    /* Read what is new of the text, a slice at a time, and write on if that is asked for. */
    follow(left) {
      this.next = Picture.cancel(this.next);
      const began = performance.now(), still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      let known = [...BEGIN, ...this.known], same = 0;
      while (same < this.read.length && this.read[same].character === known[same]) same += 1;
      this.read.length = same;
      do {
        if (this.read.length < known.length) {
          const last = this.read.at(-1), character = known[this.read.length];
          const next = this.model.read(character, last);
          if (last) next.bits = -Math.log2(this.model.expect(last)[this.model.characters.indexOf(character)]);
          this.read.push(next);
        } else if (this.left > 0) {
          this.drawn();
          known = [...BEGIN, ...this.known];
        } else break;
      } while ((left?.() ?? SLICE + began - performance.now()) > 1);
      const busy = this.read.length < known.length || this.left > 0;
      this.at = Infinity; // the last
      this.field("write").textContent = this.left ? "Stop" : "Write on";
      if (busy) this.next = Picture.whenIdle((left) => this.follow(left));
      if (!busy || (!still && began - (this.shown ?? 0) > SHOW)) this.draw(busy);
    }

    /* Show the text with the chosen memory below each character. */
    draw(busy = false) {
      const { model, memory, spans } = this, read = this.read.slice(BEGIN.length);
      if (!this.read.length) return;
      this.shown = performance.now();
      const what = this.field("show").value, box = this.querySelector(".text");
      this.at = Math.min(this.at ?? Infinity, read.length - 1);
      while (spans.length > read.length) {
        const span = spans.pop();
        if (span.nextSibling) span.nextSibling.remove(); // the break behind it
        span.remove();
      }
      read.forEach((each, k) => {
        if (!spans[k]) box.append(spans[k] = document.createElement("span"));
        const span = spans[k], shown = each.character === "\n" ? "↵" : each.character;
        if (span.textContent !== shown) {
          if (span.textContent === "↵") span.nextSibling.remove();
          span.textContent = shown;
          if (shown === "↵") span.after(document.createElement("br"));
        }
        const value = model.value(each, what, memory), level = what === "c" ? Math.tanh(value) : value;
        span.className = `${what in GATES ? "gate" : level < 0 ? "minus" : "plus"}${k === this.at ? " at" : ""}`;
        span.style.setProperty("--level", Math.abs(level).toFixed(3));
      });
      this.bring(box, spans[this.at]);
      box.dataset.shown = what;
      box.ariaLabel = `The text, with ${SHOWN[what]} of memory ${memory} below each character`;
      const slider = this.field("at");
      slider.max = Math.max(0, read.length - 1);
      slider.value = this.at;
      slider.disabled = !read.length;
      slider.previousElementSibling.textContent = read.length ? `${this.at + 1} of ${read.length}` : "none";
      const temperature = this.field("temperature");
      temperature.previousElementSibling.textContent = temperature.value;
      const words = busy ? `${this.left ? "Writing" : "Reading"} …` : this.sentence(read, what);
      this.querySelector(".said").textContent = words;
      clearTimeout(this.telling);
      if (!busy) this.telling = setTimeout(() => { this.querySelector("[aria-live]").textContent = words; }, 600);
      if (!busy) this.drawGrids(read[this.at] ?? this.read.at(-1), what);
    }

    /* Scroll the text, and nothing but the text, to a character. */
    bring(box, span) {
      if (!span) return;
      const [there, seen] = [span, box].map((element) => element.getBoundingClientRect());
      box.scrollTop += Math.max(there.bottom - seen.bottom + 6, 0) + Math.min(there.top - seen.top - 6, 0);
    }

    sentence(read, what) {
      const there = read[this.at] ?? this.read.at(-1), { model, memory } = this;
      const chances = model.expect(there);
      const likely = [...chances.keys()].sort((a, b) => chances[b] - chances[a]).slice(0, 3).map((k) =>
        `${name(model.characters[k])} (${Math.round(100 * chances[k])} %)`);
      const left = [...this.field("text").value].length - this.known.length;
      const bits = read.reduce((sum, each) => sum + each.bits, 0) / read.length;
      const held = this.field("held");
      return [`After ${name(there.character)}, ${SHOWN[what]} of memory ${memory} is ${
        signed(model.value(there, what, memory))}.`,
      `Expected next: ${likely.join(", ")}.`,
      read.length ? `The text costs ${bits.toFixed(2)} bits a character${
        held.value ? `, with the ${held.selectedOptions[0].textContent}${
          this.field("whose").value === "one" ? " in this memory" : ""}` : ""}.` : "",
      left ? `${left} characters that it does not know are left out.` : ""].filter(Boolean).join(" ");
    }

    /* A square a memory: its size is the value's, hollow if that is negative. */
    drawGrids(there, what) {
      const { model, memory } = this;
      const grid = (kind, columns) => {
        const cells = Array.from({ length: model.H }, (_, k) => {
          const x = 22 * (k % columns), y = 22 * Math.floor(k / columns);
          const value = model.value(there, what, k), level = what === "c" ? Math.tanh(value) : value;
          const size = 18 * Math.sqrt(Math.abs(level)), from = 11 - size / 2;
          return `<rect class="${level < 0 ? "minus" : "plus"}" x="${(x + from).toFixed(1)}" y="${(y + from).toFixed(1)}"
            width="${size.toFixed(1)}" height="${size.toFixed(1)}"/><rect class="cell${k === memory ? " at" : ""}"
            data-memory="${k}" x="${x + 1}" y="${y + 1}" width="20" height="20"><title>${k}: ${signed(value)}</title></rect>`;
        });
        return `<svg class="${kind}" viewBox="0 0 ${22 * columns} ${22 * model.H / columns}" role="img"
          aria-label="${SHOWN[what]} of all memories after ${name(there.character)}">${cells.join("")}</svg>`;
      };
      const grids = this.querySelector(".grids");
      grids.dataset.shown = what;
      grids.innerHTML = grid("wide", 32) + grid("tall", 16);
    }
  }

  customElements.define("lstm-writer", LstmWriter);
})();
