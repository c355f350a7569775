/* <lstm-listen>: a voice detector that is in use listens to a clip or to the reader's microphone,
   and shows its gates and a memory over the sound. What the microphone gives stays in this page.

     <lstm-listen src="voice-data.js" ear="lstm-ear.js">
       <script type="application/json">{ "memory": 42, "clip": …, "heard": … }</script> */
(() => {
  const SECONDS = Voice.CHUNK / Voice.RATE;
  const SHOWN = 160; // chunks of the microphone's sound: five seconds
  const GATES = { f: "forget", i: "input", o: "output" };
  const LAYOUTS = {
    wide: { width: 720, left: 34, right: 712 },
    tall: { width: 400, left: 28, right: 394 },
  };
  const ROWS = { sound: [24, 72], p: [100, 148], gates: [178, 242], memory: [272, 328] };
  const HEIGHT = 350;
  const HELD = { "": "as learnt" };
  for (const [gate, name] of Object.entries(GATES)) {
    HELD[`${gate}1`] = `${name} gates held open`;
    HELD[`${gate}0`] = `${name} gates held shut`;
  }
  const WHY = {
    NotAllowedError: "This page may not use the microphone: you, or your browser's settings, said no.",
    NotFoundError: "There is no microphone here.",
    NotReadableError: "Something else is using the microphone.",
  };
  const FROM_FOLDER = "Browsers give a page the microphone over https or on localhost, not where it "
    + "was opened as a file. In the course's folder, run make serve, and open the address it names.";

  let loading;
  /* The weights and the clips: one script, loaded at the first click. */
  const load = (src) => (loading ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src });
    script.onload = () => resolve(window.lstmVoice);
    script.onerror = () => {
      loading = undefined;
      script.remove();
      reject(new Error("The detector's weights could not be loaded. Try again."));
    };
    document.head.append(script);
  }));

  const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

  class LstmListen extends HTMLElement {
    connectedCallback() {
      if (this.heard) return; // only moved within the page
      this.role = "group";
      this.ariaLabel = "A voice detector";
      this.page = JSON.parse(this.querySelector("script").textContent);
      const { heard, clips } = this.page, options = (entries) =>
        entries.map(([value, text]) => `<option value="${value}">${text}</option>`).join("");
      this.innerHTML = `<div class="bar"><button type="button" name="microphone">Use the microphone</button>
        <label>A clip <select name="clip">${options(clips.map((clip, k) => [k, clip]))}</select></label>
        <button type="button" name="play">Play it</button>
        <label>Gates <select name="hold">${options(Object.entries(HELD))}</select></label></div>
        <p class="small">What the microphone hears is computed in this page, in your browser. Nothing is
        sent, nothing is kept.</p>
        <p class="said"></p><p class="visually-hidden" aria-live="polite"></p><div class="strips"></div>`;
      this.heard = heard.p.map((p, k) => Object.fromEntries(
        Object.entries(heard).map(([name, values]) => [name, values[k]])));
      [this.source, this.shown] = [clips[0], this.heard.length];
      this.addEventListener("click", ({ target }) => this[`press_${target.name}`]?.());
      this.addEventListener("change", ({ target }) => {
        this.hold(); // whoever listens to the microphone hears it at once
        if (target.name === "hold" && this.detector && !this.running) this.press_play();
      });
      this.draw();
      this.say(this.summary());
      Picture.watch(this, (seen) => this.watch(seen));
    }

    disconnectedCallback() { this.stop(); }

    /* Out of sight nothing is drawn, and nobody is listened to. */
    watch(seen) {
      this.seen = seen;
      if (!seen && this.running === "microphone") this.stop();
      if (seen) this.draw();
    }

    get still() { return matchMedia("(prefers-reduced-motion: reduce)").matches; }

    /* Load what is needed; false, with the reason said, where that fails. */
    async prepare() {
      if (this.detector) return true;
      this.say("Loading the detector, 0.6 MB …");
      try {
        this.data = await load(this.getAttribute("src"));
      } catch ({ message }) {
        this.say(message);
        return false;
      }
      this.detector = new Voice.Detector(this.data.weights);
      this.hold();
      return true;
    }

    hold() {
      const [gate, open] = this.querySelector("[name=hold]").value;
      this.detector?.hold(gate, open === "1");
    }

    async press_play() {
      const before = this.running;
      this.stop();
      if (before === "clip" || !await this.prepare()) return;
      const chosen = this.querySelector("[name=clip]").value;
      const sound = Voice.decodeSound(this.data.clips[chosen]);
      const count = Math.ceil(sound.length / Voice.CHUNK);
      this.begin("clip", this.page.clips[chosen], count);
      this.audible(sound);
      const began = performance.now();
      const go = () => {
        const due = this.still ? count : Math.min(count, (performance.now() - began) / 1000 / SECONDS);
        while (this.heard.length < due) {
          const at = this.heard.length * Voice.CHUNK;
          this.hear(sound.subarray(at, at + Voice.CHUNK));
        }
        this.draw();
        if (this.heard.length === count) this.stop();
      };
      this.timer = setInterval(go, 80);
      go();
    }

    async press_microphone() {
      const before = this.running;
      this.stop();
      if (before === "microphone") return;
      if (location.protocol === "file:" || !navigator.mediaDevices) {
        this.say(`${FROM_FOLDER} The clips need none.`);
        return;
      }
      if (!await this.prepare()) return;
      try {
        await this.listen();
      } catch (error) {
        this.stop();
        this.say(`${WHY[error.name] ?? `The microphone does not work here (${error.name}).`} The clips need none.`);
        return;
      }
      this.timer = setInterval(() => this.draw(), this.still ? 1000 : 80);
    }

    async listen() {
      this.say("Your browser asks whether this page may use the microphone.");
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, ...plain } });
      let source;
      try { // the browser's own way from rate to rate is the better one; not all have it
        this.context = new AudioContext({ sampleRate: Voice.RATE });
        source = this.context.createMediaStreamSource(this.stream);
      } catch {
        this.context?.close();
        this.context = new AudioContext();
        source = this.context.createMediaStreamSource(this.stream);
      }
      await this.context.audioWorklet.addModule(this.getAttribute("ear"));
      const ear = new AudioWorkletNode(this.context, "lstm-ear", { numberOfOutputs: 0 });
      const resampler = new Voice.Resampler(this.context.sampleRate), waiting = [];
      this.begin("microphone", "The microphone", SHOWN);
      ear.port.onmessage = ({ data }) => {
        waiting.push(...resampler.take(data));
        while (this.running === "microphone" && waiting.length >= Voice.CHUNK) {
          this.hear(waiting.splice(0, Voice.CHUNK));
        }
      };
      source.connect(ear);
    }

    /* Play a clip's sound where that is possible; the picture does not wait for it. */
    audible(sound) {
      this.context = new AudioContext();
      const buffer = this.context.createBuffer(1, sound.length, Voice.RATE);
      buffer.copyToChannel(Float32Array.from(sound), 0);
      const source = Object.assign(this.context.createBufferSource(), { buffer });
      source.connect(this.context.destination);
      source.start();
    }

    begin(running, source, shown) {
      Object.assign(this, { running, source, shown, heard: [], count: 0 });
      this.detector.reset();
      this.querySelector(`[name=${running === "clip" ? "play" : "microphone"}]`).textContent = "Stop";
    }

    stop() {
      this.timer = clearInterval(this.timer);
      this.stream?.getTracks().forEach((track) => track.stop());
      this.context?.close();
      this.stream = this.context = undefined;
      if (!this.running) return;
      this.running = undefined;
      this.querySelector("[name=play]").textContent = "Play it";
      this.querySelector("[name=microphone]").textContent = "Use the microphone";
      this.draw();
      this.say(this.summary());
    }

    hear(samples) {
      const { p, f, i, o, c } = this.detector.hear(samples);
      const loud = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      this.heard.push({ loud, p, f, i, o, memory: c[this.page.memory] });
      this.count += 1;
      if (this.running === "microphone" && this.heard.length > SHOWN) this.heard.shift();
    }

    /* Where the detector says speech: first chunks, and those behind the last ones. */
    spans() {
      const spans = [];
      this.heard.forEach(({ p }, k) => {
        if (p <= 0.5) return;
        if (spans.at(-1)?.[1] === k) spans.at(-1)[1] = k + 1;
        else spans.push([k, k + 1]);
      });
      return spans;
    }

    /* What a look at the whole picture says, for those who do not see it, too. */
    summary() {
      const at = (k) => number(k * SECONDS, 1);
      const parts = this.spans().map(([a, b]) => `${at(a)} to ${at(b)}`);
      const held = HELD[this.querySelector("[name=hold]").value];
      return `${this.source}, ${at(this.heard.length)} s, gates ${held}. ${parts.length
        ? `Speech, the detector says: ${parts.join(" s, ")} s.` : "No speech, the detector says."}`;
    }

    say(text) {
      this.querySelector(".said").textContent = text;
      if (!this.running) this.querySelector("[aria-live]").textContent = text;
    }

    draw() {
      if (this.seen === false) return;
      this.querySelector(".strips").innerHTML = Object.entries(LAYOUTS).map(([name, layout]) =>
        this.picture(name, layout)).join("");
      const last = this.heard.at(-1);
      if (!this.running || !last) return;
      const who = last.p > 0.5 ? "Somebody speaks" : "Nobody speaks";
      this.say(`${who}: p is ${number(last.p)}. On average the forget gates keep ${
        Math.round(100 * last.f)}\u00a0%; memory ${this.page.memory} holds ${number(last.memory)}.`);
    }

    picture(name, { width, left, right }) {
      const { heard, shown, page: { memory } } = this, step = (right - left) / shown;
      const x = (k) => (left + step * k).toFixed(1);
      const text = (at, y, content, anchor = "start") =>
        `<text class="small" x="${at}" y="${y}" text-anchor="${anchor}">${content}</text>`;
      const row = (key, label, low, high, ticks) => {
        const [top, foot] = ROWS[key];
        const y = (value) => (foot - (Math.min(Math.max(value, low), high) - low) / (high - low)
          * (foot - top)).toFixed(1);
        return { y, frame: `<path class="grid" d="M${left} ${foot}H${right}"/>${text(left, top - 8, label)}${
          ticks.map((tick) => text(left - 5, Number(y(tick)) + 4, number(tick, 0), "end")).join("")}` };
      };
      const line = (key, y, kind) => `<path class="line ${kind}" d="${heard.map((one, k) =>
        `${k ? "L" : "M"}${x(k + 0.5)} ${y(one[key])}`).join("")}"/>`;
      const sound = row("sound", "sound", -1, 1, []), p = row("p", "p, how probable speech is", 0, 1, [0, 1]);
      const gates = row("gates", "gates, mean of 128:", 0, 1, [0, 1]);
      const held = row("memory", `memory ${memory}, the one that tells best`, -3, 3, [-3, 3]);
      const most = Math.max(0.05, ...heard.map(({ loud }) => loud));
      const speech = this.spans().map(([from, to]) => `<rect class="speech" x="${x(from)}" y="${
        ROWS.sound[0]}" width="${(step * (to - from)).toFixed(1)}" height="${
        ROWS.memory[1] - ROWS.sound[0]}"/>`).join("");
      const wave = heard.map(({ loud }, k) => `M${x(k + 0.5)} ${sound.y(loud / most)}V${
        sound.y(-loud / most)}`).join("");
      const legend = Object.entries(GATES).map(([key, gate], k) => {
        const at = left + 128 + 78 * k;
        return `<path class="line k-${key}" d="M${at} 166h20"/>${text(at + 24, 170, gate)}`;
      }).join("");
      const [, foot] = ROWS.memory, microphone = this.source === "The microphone";
      return `<svg class="${name}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="Sound, p, gates and a memory over time">
        ${speech}${sound.frame}<path class="wave" style="stroke-width:${Math.max(step * 0.7, 1).toFixed(2)}" d="${wave}"/>
        ${p.frame}<path class="grid half" d="M${left} ${p.y(0.5)}H${right}"/>${line("p", p.y, "k-c")}
        ${gates.frame}${legend}${Object.keys(GATES).map((key) => line(key, gates.y, `k-${key}`)).join("")}
        ${held.frame}<path class="grid half" d="M${left} ${held.y(0)}H${right}"/>${line("memory", held.y, "k-c")}
        ${text(left, foot + 16, microphone ? "" : "0 s")}
        ${text(right, foot + 16, microphone ? "five seconds" : `${number(shown * SECONDS, 1)} s`, "end")}
        ${text((left + right) / 2, foot + 16, "grey: speech, says the detector", "middle")}</svg>`;
    }
  }

  customElements.define("lstm-listen", LstmListen);
})();
