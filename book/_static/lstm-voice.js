/* Silero's voice detector, chunk by chunk: what <lstm-listen> runs. It is lstm_book.voice in
   JavaScript; its LSTM is that of lstm.js.

     const detector = new Voice.Detector(weights);
     detector.hear(samples);  // 512 of them, 32 ms: { p, f, i, o, h, c } */
const Voice = (() => {
  const RATE = 16000, CHUNK = 512, BEFORE = 64, UNITS = 128, WINDOW = 256;
  const BLOCKS = { i: 0, f: 1, o: 3 };

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  /* An array as the page's data have it: 32 bits a number, or 8 with a scale for each row. */
  function decode({ shape, scales, data }) {
    const { buffer } = bytes(data);
    if (!scales) return new Float32Array(buffer);
    const whole = new Int8Array(buffer), row = whole.length / shape[0];
    return Float32Array.from(whole, (value, k) => value * scales[Math.floor(k / row)]);
  }

  /* Sound that is kept in 8 bits a sample, finer where it is quiet (μ-law). */
  const decodeSound = (text) => Float64Array.from(new Int8Array(bytes(text).buffer), (value) =>
    Math.sign(value) * (256 ** (Math.abs(value) / 127) - 1) / 255);

  // Fourier's sums over a window that fades at both ends.
  const [cosines, sines] = [Math.cos, Math.sin].map((wave) =>
    Float64Array.from({ length: (WINDOW / 2 + 1) * WINDOW }, (_, k) => {
      const turn = 2 * Math.PI * (k % WINDOW) / WINDOW;
      return (0.5 - 0.5 * Math.cos(turn)) * wave(turn * Math.floor(k / WINDOW));
    }));

  /* How loud each pitch is in four windows of a chunk. */
  function spectrum(chunk) {
    const padded = new Float64Array(chunk.length + 64);
    padded.set(chunk);
    for (let k = 0; k < 64; k++) padded[chunk.length + k] = chunk[chunk.length - 2 - k];
    return [0, 128, 256, 384].map((start) => {
      const window = padded.subarray(start, start + WINDOW), loud = new Float64Array(WINDOW / 2 + 1);
      for (let pitch = 0, at = 0; pitch < loud.length; pitch++) {
        let re = 0, im = 0;
        for (let n = 0; n < WINDOW; n++, at++) {
          re += cosines[at] * window[n];
          im += sines[at] * window[n];
        }
        loud[pitch] = Math.sqrt(re * re + im * im);
      }
      return loud;
    });
  }

  /* Three steps at once; then ReLU. */
  function convolve(x, { weight, bias, stride }) {
    const inputs = x[0].length, steps = [];
    for (let t = 0; t < x.length; t += stride) {
      const sums = Float64Array.from(bias);
      for (let k = 0; k < 3; k++) {
        const row = x[t + k - 1];
        for (let out = 0; row && out < sums.length; out++) {
          const at = (k * sums.length + out) * inputs;
          let sum = 0;
          for (let j = 0; j < inputs; j++) sum += weight[at + j] * row[j];
          sums[out] += sum;
        }
      }
      steps.push(sums.map((sum) => Math.max(sum, 0)));
    }
    return steps;
  }

  /* Weights (out, in, 3) as (3, out, in): what is read one after the other lies so. */
  const stepsFirst = (weight) => weight.map((_, at) => {
    const third = weight.length / 3;
    return weight[(at % third) * 3 + Math.floor(at / third)];
  });

  class Detector {
    constructor(weights) {
      const of = (name) => decode(weights[name]);
      this.convolutions = [1, 2, 2, 1].map((stride, k) =>
        ({ stride, weight: stepsFirst(of(`conv${k}.weight`)), bias: of(`conv${k}.bias`) }));
      const params = this.params = LSTM.make("lstm", UNITS, UNITS);
      const [hh, ih, b_hh, b_ih] = ["weight_hh", "weight_ih", "bias_hh", "bias_ih"].map((name) =>
        of(`rnn.${name}`));
      for (let row = 0; row < 4 * UNITS; row++) {
        params.W.set(hh.subarray(row * UNITS, (row + 1) * UNITS), row * 2 * UNITS);
        params.W.set(ih.subarray(row * UNITS, (row + 1) * UNITS), (2 * row + 1) * UNITS);
        params.b[row] = b_hh[row] + b_ih[row];
      }
      [this.w, [this.d]] = [of("out.weight"), of("out.bias")];
      this.hold();
      this.reset();
    }

    /* Forget what was heard. */
    reset() {
      this.before = new Float64Array(BEFORE);
      this.h = this.c = undefined;
    }

    /* Hold a gate, "f", "i" or "o", open (1) or shut (0); without a gate, all are as learnt. */
    hold(gate, open) {
      const { W, b } = this.params;
      this.held = { ...this.params, W: W.slice(), b: b.slice() };
      if (!gate) return;
      const first = BLOCKS[gate] * UNITS;
      this.held.W.fill(0, first * 2 * UNITS, (first + UNITS) * 2 * UNITS);
      this.held.b.fill(open ? 40 : -1000, first, first + UNITS);
    }

    hear(samples) {
      const chunk = new Float64Array(BEFORE + CHUNK);
      chunk.set(this.before);
      chunk.set(samples, BEFORE);
      this.before = chunk.slice(CHUNK);
      const [x] = this.convolutions.reduce(convolve, spectrum(chunk));
      const { h: [, h], c: [, c], gates: [z] } = LSTM.forward(this.held, x, 1, 1, this.h, this.c);
      [this.h, this.c] = [h, c];
      const mean = (block) =>
        z.subarray(block * UNITS, (block + 1) * UNITS).reduce((sum, value) => sum + value) / UNITS;
      const p = LSTM.sigmoid(h.reduce((sum, value, k) => sum + this.w[k] * Math.max(value, 0), this.d));
      return { p, h, c, f: mean(BLOCKS.f), i: mean(BLOCKS.i), o: mean(BLOCKS.o) };
    }
  }

  /* From another rate to ours: each sample is the mean of what lies under it. */
  class Resampler {
    constructor(rate) {
      this.step = rate / RATE;
      this.sum = this.filled = 0;
    }

    take(samples) {
      const taken = [];
      for (const value of samples) {
        let left = 1; // of this sample
        while (this.filled + left >= this.step - 1e-9) {
          const part = this.step - this.filled;
          taken.push((this.sum + part * value) / this.step);
          left -= part;
          this.sum = this.filled = 0;
        }
        this.sum += left * value;
        this.filled += left;
      }
      return taken;
    }
  }

  return { CHUNK, Detector, RATE, Resampler, decodeSound };
})();
