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

  // One step: z (B, blocks · H) are the pre-activations and become the gates, in place. A unit's
  // state is at s, its first gate at k, each further gate H behind.
  const STEP = {
    rnn(z, B, H, h_prev, c_prev, h) {
      for (let s = 0; s < B * H; s++) h[s] = z[s] = Math.tanh(z[s]);
    },
    lstm(z, B, H, h_prev, c_prev, h, c) {
      for (let s = 0; s < B * H; s++) {
        const k = s + 3 * H * Math.floor(s / H);
        const i = z[k] = sigmoid(z[k]);
        const f = z[H + k] = sigmoid(z[H + k]);
        const c_tilde = z[2 * H + k] = Math.tanh(z[2 * H + k]);
        const o = z[3 * H + k] = sigmoid(z[3 * H + k]);
        c[s] = f * c_prev[s] + i * c_tilde;
        h[s] = o * Math.tanh(c[s]);
      }
    },
    gru(z, B, H, h_prev, c_prev, h) {
      for (let s = 0; s < B * H; s++) {
        const k = s + 3 * H * Math.floor(s / H);
        const r = z[k] = sigmoid(z[k]);
        const keep = z[H + k] = sigmoid(z[H + k]);
        const n = z[2 * H + k] = Math.tanh(z[2 * H + k] + r * z[3 * H + k]);
        h[s] = (1 - keep) * n + keep * h_prev[s];
      }
    },
  };

  // The way back through a step: gates z and dL/dh, dL/dc of its states give dL/dz (in dz), and
  // what reaches the states before by other ways than W (added to dh_prev, dc_prev).
  const BACK = {
    rnn(z, B, H, { h }, dh, dc, dz) {
      for (let s = 0; s < B * H; s++) dz[s] = dh[s] * (1 - h[s] ** 2);
    },
    lstm(z, B, H, { c_prev, c }, dh, dc, dz, dh_prev, dc_prev) {
      for (let s = 0; s < B * H; s++) {
        const k = s + 3 * H * Math.floor(s / H);
        const i = z[k], f = z[H + k], c_tilde = z[2 * H + k], o = z[3 * H + k];
        const tanh_c = Math.tanh(c[s]);
        dc[s] += dh[s] * o * (1 - tanh_c ** 2);
        dz[k] = dc[s] * c_tilde * i * (1 - i);
        dz[H + k] = dc[s] * c_prev[s] * f * (1 - f);
        dz[2 * H + k] = dc[s] * i * (1 - c_tilde ** 2);
        dz[3 * H + k] = dh[s] * tanh_c * o * (1 - o);
        dc_prev[s] += dc[s] * f;
      }
    },
    gru(z, B, H, { h_prev }, dh, dc, dz, dh_prev) {
      for (let s = 0; s < B * H; s++) {
        const k = s + 3 * H * Math.floor(s / H);
        const r = z[k], keep = z[H + k], n = z[2 * H + k], n_h = z[3 * H + k];
        const dn = dh[s] * (1 - keep) * (1 - n ** 2);
        dz[k] = dn * n_h * r * (1 - r);
        dz[H + k] = dh[s] * (h_prev[s] - n) * keep * (1 - keep);
        dz[2 * H + k] = dn;
        dz[3 * H + k] = dn * r;
        dh_prev[s] += dh[s] * keep;
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
        const row = e * width, at = (t * B + e) * D;
        for (let k = 0; k < H; k++) hx[row + k] = run.h[t][e * H + k];
        for (let k = 0; k < D; k++) hx[row + H + k] = x[at + k];
        let j = 0;
        for (; j + 3 < rows; j += 4) { // four sums at once: a processor need not wait for one of them
          let w = j * width, sum0 = b[j], sum1 = b[j + 1], sum2 = b[j + 2], sum3 = b[j + 3];
          for (let k = 0; k < width; k++, w++) {
            const value = hx[row + k];
            sum0 += W[w] * value;
            sum1 += W[w + width] * value;
            sum2 += W[w + 2 * width] * value;
            sum3 += W[w + 3 * width] * value;
          }
          const out = e * rows + j;
          z[out] = sum0;
          z[out + 1] = sum1;
          z[out + 2] = sum2;
          z[out + 3] = sum3;
        }
        for (; j < rows; j++) {
          let sum = b[j];
          for (let k = 0; k < width; k++) sum += W[j * width + k] * hx[row + k];
          z[e * rows + j] = sum;
        }
      }
      STEP[kind](z, B, H, run.h[t], run.c[t], h, c);
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
    const dz = new Float(B * rows), { W: dW, b: db } = grads;
    for (let t = T; t > 0; t--) {
      const dx = grads.x[t - 1] = new Float(B * D), dh_prev = grads.h[t - 1], hx = run.hx[t - 1];
      const states = { h_prev: run.h[t - 1], c_prev: run.c[t - 1], h: run.h[t], c: run.c[t] };
      BACK[kind](run.gates[t - 1], B, H, states, grads.h[t], grads.c[t], dz, dh_prev, grads.c[t - 1]);
      for (let e = 0; e < B; e++) {
        for (let j = 0, w = 0; j < rows; j++, w += D) {
          const slope = dz[e * rows + j];
          db[j] += slope;
          for (let k = 0; k < H; k++, w++) {
            dW[w] += slope * hx[e * width + k];
            dh_prev[e * H + k] += slope * W[w];
          }
          for (let k = 0; k < D; k++) {
            dW[w + k] += slope * hx[e * width + H + k];
            dx[e * D + k] += slope * W[w + k];
          }
        }
      }
    }
    if (kind === "gru") clear({ W: dW, D, H });
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
