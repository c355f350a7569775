/* LSTM, GRU and tanh RNN over a batch of sequences, forward and back: what every picture that
   computes stands on. Names and shapes are those of lstm_ref; a test compares the numbers.

     const params = LSTM.init("lstm", D, H, random, { forgetBias: 1 });
     const run = LSTM.forward(params, x, T, B);         // run.h: T + 1 states (B, H), run.h[0] = h0
     const grads = LSTM.backward(run, dh, dh_T, dc_T);  // grads.W .b .x .h .c

   An array is flat, row by row, in params.Float: Float64Array, or Float32Array. */
const LSTM = (() => {
  // Blocks of H rows in W and b, in PyTorch's order. The GRU's last block is W_n for x and h apart.
  const BLOCKS = { rnn: ["h"], lstm: ["i", "f", "c_tilde", "o"], gru: ["r", "z", "n", "n_h"] };
  const sigmoid = (z) => 1 / (1 + Math.exp(-z)); // exp overflows to Infinity: the result is 0

  /* Weights (blocks · H, H + D) acting on [h, x], and biases. */
  function make(kind, D, H, Float = Float64Array) {
    const rows = BLOCKS[kind].length * H;
    return { kind, D, H, Float, W: new Float(rows * (H + D)), b: new Float(rows) };
  }

  /* As PyTorch draws them, uniform within ±1/√H, but for the forget gate's bias. */
  function init(kind, D, H, random, { forgetBias = 1, Float = Float64Array } = {}) {
    const params = make(kind, D, H, Float), bound = 1 / Math.sqrt(H);
    for (const array of [params.W, params.b]) {
      for (let k = 0; k < array.length; k++) array[k] = bound * (2 * random() - 1);
    }
    if (kind === "lstm") params.b.fill(forgetBias, H, 2 * H);
    if (kind === "gru") clear(params);
    return params;
  }

  /* The GRU's candidate reads x in one block and h in the other: the rest of both is zero. */
  function clear({ W, D, H }) {
    for (let row = 2 * H; row < 3 * H; row++) W.fill(0, row * (H + D), row * (H + D) + H);
    for (let row = 3 * H; row < 4 * H; row++) W.fill(0, row * (H + D) + H, (row + 1) * (H + D));
  }

  // One step of one example: z are the pre-activations and become the gates, in place.
  const STEP = {
    rnn(z, H, h_prev, c_prev, h) {
      for (let k = 0; k < H; k++) h[k] = z[k] = Math.tanh(z[k]);
    },
    lstm(z, H, h_prev, c_prev, h, c) {
      for (let k = 0; k < H; k++) {
        const i = z[k] = sigmoid(z[k]);
        const f = z[H + k] = sigmoid(z[H + k]);
        const c_tilde = z[2 * H + k] = Math.tanh(z[2 * H + k]);
        const o = z[3 * H + k] = sigmoid(z[3 * H + k]);
        c[k] = f * c_prev[k] + i * c_tilde;
        h[k] = o * Math.tanh(c[k]);
      }
    },
    gru(z, H, h_prev, c_prev, h) {
      for (let k = 0; k < H; k++) {
        const r = z[k] = sigmoid(z[k]);
        const keep = z[H + k] = sigmoid(z[H + k]);
        const n = z[2 * H + k] = Math.tanh(z[2 * H + k] + r * z[3 * H + k]);
        h[k] = (1 - keep) * n + keep * h_prev[k];
      }
    },
  };

  // The way back through a step: gates z and dL/dh, dL/dc of its states give dL/dz (in dz), and
  // what reaches the states before by other ways than W (added to dh_prev, dc_prev).
  const BACK = {
    rnn(z, H, { h }, dh, dc, dz) {
      for (let k = 0; k < H; k++) dz[k] = dh[k] * (1 - h[k] ** 2);
    },
    lstm(z, H, { c_prev, c }, dh, dc, dz, dh_prev, dc_prev) {
      for (let k = 0; k < H; k++) {
        const i = z[k], f = z[H + k], c_tilde = z[2 * H + k], o = z[3 * H + k];
        const tanh_c = Math.tanh(c[k]);
        dc[k] += dh[k] * o * (1 - tanh_c ** 2);
        dz[k] = dc[k] * c_tilde * i * (1 - i);
        dz[H + k] = dc[k] * c_prev[k] * f * (1 - f);
        dz[2 * H + k] = dc[k] * i * (1 - c_tilde ** 2);
        dz[3 * H + k] = dh[k] * tanh_c * o * (1 - o);
        dc_prev[k] += dc[k] * f;
      }
    },
    gru(z, H, { h_prev }, dh, dc, dz, dh_prev) {
      for (let k = 0; k < H; k++) {
        const r = z[k], keep = z[H + k], n = z[2 * H + k], n_h = z[3 * H + k];
        const dn = dh[k] * (1 - keep) * (1 - n ** 2);
        dz[k] = dn * n_h * r * (1 - r);
        dz[H + k] = dh[k] * (h_prev[k] - n) * keep * (1 - keep);
        dz[2 * H + k] = dn;
        dz[3 * H + k] = dn * r;
        dh_prev[k] += dh[k] * keep;
      }
    },
  };

  /* Run over x (T, B, D), from h0 and c0 (B, H) or from zero. */
  function forward(params, x, T, B, h0, c0) {
    const { kind, D, H, Float, W, b } = params, rows = b.length, width = H + D;
    const run = { params, T, B, gates: [], hx: [], h: [new Float(h0 ?? B * H)],
      c: [new Float(c0 ?? B * H)] };
    for (let t = 0; t < T; t++) {
      const z = new Float(B * rows), hx = new Float(B * width);
      const h = new Float(B * H), c = new Float(B * H);
      for (let e = 0; e < B; e++) {
        const row = hx.subarray(e * width, (e + 1) * width), at = (t * B + e) * D;
        row.set(run.h[t].subarray(e * H, (e + 1) * H));
        row.set(x.subarray(at, at + D), H);
        for (let j = 0, w = 0; j < rows; j++) {
          let sum = b[j];
          for (let k = 0; k < width; k++, w++) sum += W[w] * row[k];
          z[e * rows + j] = sum;
        }
        const part = (array) => array.subarray(e * H, (e + 1) * H);
        STEP[kind](z.subarray(e * rows, (e + 1) * rows), H, part(run.h[t]), part(run.c[t]),
          part(h), part(c));
      }
      run.gates.push(z);
      run.hx.push(hx);
      run.h.push(h);
      run.c.push(c);
    }
    return run;
  }

  /* Backpropagate through time: dh lists dL/dh_t (B, H) for each step, or null where a step has
     none; dh_T and dc_T come on top for the last states. All paths are in grads.h and grads.c. */
  function backward(run, dh, dh_T, dc_T) {
    const { params: { kind, D, H, Float, W, b }, T, B } = run, rows = b.length, width = H + D;
    const grads = { W: new Float(W.length), b: new Float(rows), x: [], h: [], c: [] };
    for (let t = 0; t <= T; t++) {
      grads.h.push(new Float((t && dh?.[t - 1]) || B * H));
      grads.c.push(new Float(B * H));
    }
    dh_T?.forEach((value, k) => { grads.h[T][k] += value; });
    if (dc_T) grads.c[T].set(dc_T);
    const dz = new Float(rows);
    for (let t = T; t > 0; t--) {
      const dx = grads.x[t - 1] = new Float(B * D);
      for (let e = 0; e < B; e++) {
        const part = (array) => array.subarray(e * H, (e + 1) * H);
        const states = { h_prev: part(run.h[t - 1]), c_prev: part(run.c[t - 1]), h: part(run.h[t]),
          c: part(run.c[t]) };
        const dh_prev = part(grads.h[t - 1]);
        BACK[kind](run.gates[t - 1].subarray(e * rows, (e + 1) * rows), H, states,
          part(grads.h[t]), part(grads.c[t]), dz, dh_prev, part(grads.c[t - 1]));
        const row = run.hx[t - 1].subarray(e * width, (e + 1) * width);
        for (let j = 0; j < rows; j++) {
          const slope = dz[j], at = j * width;
          grads.b[j] += slope;
          for (let k = 0; k < width; k++) grads.W[at + k] += slope * row[k];
          for (let k = 0; k < H; k++) dh_prev[k] += slope * W[at + k];
          for (let k = 0; k < D; k++) dx[e * D + k] += slope * W[at + H + k];
        }
      }
    }
    if (kind === "gru") clear({ W: grads.W, D, H });
    return grads;
  }

  /* Numbers in [0, 1) from a seed (mulberry32), the same in every browser. */
  function seeded(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /* Adam (Kingma and Ba, 2015) on several arrays, after clipping the norm of all gradients. */
  class Adam {
    constructor(arrays) {
      this.slots = arrays.map((array) => ({ array, mean: new Float64Array(array.length),
        square: new Float64Array(array.length) }));
      this.updates = 0;
    }

    update(gradients, rate, clip = Infinity) {
      let norm = 0;
      for (const gradient of gradients) for (const value of gradient) norm += value ** 2;
      norm = Math.sqrt(norm);
      if (!Number.isFinite(norm)) return norm; // nothing good can come of it: leave the weights
      const scale = norm > clip ? clip / norm : 1;
      this.updates += 1;
      const first = 1 - 0.9 ** this.updates, second = 1 - 0.999 ** this.updates;
      this.slots.forEach(({ array, mean, square }, n) => {
        for (let k = 0; k < array.length; k++) {
          const value = scale * gradients[n][k];
          mean[k] += 0.1 * (value - mean[k]);
          square[k] += 0.001 * (value * value - square[k]);
          array[k] -= rate * (mean[k] / first) / (Math.sqrt(square[k] / second) + 1e-8);
        }
      });
      return norm;
    }
  }

  return { BLOCKS, Adam, backward, forward, init, make, seeded, sigmoid };
})();
