/* <gradient-lag>: gradient norm against lag, for a tanh RNN and an LSTM, from lag_data.py's curves
   for each spectral radius ρ and forget bias b_f:

     <script type="application/json">{"lag": [k, …],
       "rnn": [{"value": ρ, "log10_norm": […]}, …], "lstm": the same for b_f}</script> */
(() => {
  const MODELS = {
    rnn: { label: "tanh RNN, spectral radius <i>ρ</i>", mark: "m-4 0a4 4 0 0 0 8 0a4 4 0 0 0-8 0" },
    lstm: { label: "LSTM, forget bias <i>b<sub>f</sub></i>", mark: "m-4-4h8v8h-8z" },
  };
  const minus = (value) => String(value).replace("-", "−");
  // By what a gradient has become between lags 20 and 100: what is near to the loss says little.
  const verdict = ({ log10_norm }, lag) => {
    const change = log10_norm.at(-1) - log10_norm[lag.indexOf(20)];
    return change < -3 ? "has faded" : change < -0.7 ? "is fading" : change < 1 ? "is kept" : "has exploded";
  };
  const power = (log10) => {
    const [digit, exponent] = (10 ** log10).toExponential(0).split("e");
    return Math.abs(exponent) < 3 ? Number(`${digit}e${exponent}`)
      : `${digit} × 10<sup>${minus(Number(exponent))}</sup>`;
  };
  const curve = (model, points) => `<g class="${model}"><path d="M${points}"/>
    <path d="${points.map((point) => `M${point}${MODELS[model].mark}`).join("")}"/></g>`;

  function chart(name, width, lag, lines) {
    const x = (k) => 56 + (width - 72) * k / lag.at(-1);
    const y = (log10) => 90 - 15 * log10;
    const text = (x, y, content) => `<text x="${x}" y="${y}">${content}</text>`;
    let grid = "";
    for (let k = -12; k <= 4; k += 4) {
      grid += `<path class="grid" stroke-width="${k ? 0.3 : 1.5}" d="M56 ${y(k)}H${width - 16}"/>`
        + text(26, y(k) + 5, `10<tspan dy="-6" class="small">${minus(k)}</tspan>`);
    }
    return `<svg class="${name}" viewBox="0 0 ${width} 330" role="img"
      aria-label="Gradient norm against lag">${grid}
      ${lag.filter((k) => k % 20 === 0).map((k) => text(x(k), 302, k)).join("")}
      ${text(width / 2, 12, "gradient norm relative to lag 0")}${text(width / 2, 325, "lag")}
      <svg width="${width}" height="${y(-12.5)}">${Object.entries(lines).map(([model, line]) =>
        curve(model, line.log10_norm.map((log10, k) => [x(lag[k]), y(log10)]))).join("")}</svg></svg>`;
  }

  class GradientLag extends HTMLElement {
    connectedCallback() {
      if (this.data) return; // only moved
      this.data = JSON.parse(this.querySelector("script").textContent);
      this.innerHTML = `<div class="sliders">${Object.entries(MODELS).map(([model, { label }]) =>
        `<label class="slider">${label} <svg aria-hidden="true">${curve(model, [[5, 5], [35, 5]])}</svg>
        <span aria-hidden="true"></span><input type="range" name="${model}" min="0"
        max="${this.data[model].length - 1}"></label>`).join("")}</div>
        <div class="diagram"></div><p class="said"></p>
        <p class="visually-hidden" aria-live="polite"></p>`;
      this.addEventListener("input", () => {
        this.draw();
        clearTimeout(this.rest); // screen readers hear it when the hand rests
        this.rest = setTimeout(() => {
          this.querySelector("[aria-live]").textContent = this.querySelector(".said").textContent;
        }, 700);
      });
      this.set({ rnn: 0.9, lstm: 4, ...Picture.given(this) });
    }

    get state() {
      return Object.fromEntries([...this.querySelectorAll("input")].map(({ name, value }) =>
        [name, this.data[name][value]]));
    }

    /* Choose rnn (ρ), lstm (b_f) or both, among the values that have a curve. */
    set(chosen) {
      for (const model in chosen) {
        this.querySelector(`[name=${model}]`).value =
          this.data[model].findIndex(({ value }) => value === chosen[model]);
      }
      this.draw();
    }

    draw() {
      const { state, data: { lag } } = this;
      this.querySelectorAll("input").forEach((slider) => {
        slider.ariaValueText = minus(state[slider.name].value);
        slider.previousElementSibling.textContent = slider.ariaValueText;
      });
      this.querySelector(".diagram").innerHTML =
        chart("wide", 720, lag, state) + chart("tall", 380, lag, state);
      const at = (model) => [10, 50, 100].map((k) =>
        `${power(state[model].log10_norm[lag.indexOf(k)])} at lag ${k}`).join(", ");
      this.querySelector(".said").innerHTML =
        `After 100 steps the RNN's gradient ${verdict(state.rnn, lag)}, the LSTM's ${
          verdict(state.lstm, lag)}. Relative to lag 0, the RNN's is ${at("rnn")}; the LSTM's ${
          at("lstm")}.`;
    }
  }

  customElements.define("gradient-lag", GradientLag);
})();
