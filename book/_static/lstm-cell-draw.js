/* What <lstm-cell> draws: the diagram of one step, and the strip of all steps, as SVG text.
   Sizes and places only; colours and dashes are in lstm-cell.css, by quantity. */
LSTM.draw = (() => {
  const GATES = {
    f: { name: "forget", full: "Forget gate", symbol: "f", activation: "σ" },
    i: { name: "input", full: "Input gate", symbol: "i", activation: "σ" },
    c_tilde: { name: "candidate", full: "Candidate", symbol: "c̃", activation: "tanh" },
    o: { name: "output", full: "Output gate", symbol: "o", activation: "σ" },
  };
  const number = (value) => (Number(value.toFixed(2)) || 0).toFixed(2).replace("-", "−");
  const text = (x, y, content, kind = "", anchor = "middle") =>
    `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${content}</text>`;
  const symbol = (letter, sub = "t") =>
    `<tspan font-style="italic">${letter}</tspan><tspan class="small" dy="4">${sub}</tspan>`;

  // Two layouts of one drawing: x of its columns, y of its rows.
  const WIDE = { name: "wide", right: 720, body: [72, 648], x: 112, f: 180, i: 300, c_tilde: 412,
    o: 528, h: 612, c: 76, product: 160, top: 196, foot: 268, input: 326, half: 24 };
  const TALL = { name: "tall", right: 400, body: [46, 354], x: 62, f: 84, i: 152, c_tilde: 220,
    o: 288, h: 342, c: 70, product: 160, top: 200, foot: 284, input: 352, half: 20 };
  const R = 13; // radius of × and +

  /* The diagram of a step. `values` has every quantity by name. */
  function diagram(at, values) {
    const { right, x, f, i, c_tilde, o, c, product, top, foot, input, half } = at;
    const wide = at === WIDE;
    const tanh = (c + product) / 2, bottom = input + 54, [left, edge] = at.body;
    const value = (key) => number(values[key]);
    const wire = (key, quantity, ...points) => { // the line stops inside its arrow's head
      const [x0, y0, x1, y1] = points.slice(-4), dx = Math.sign(x1 - x0), dy = Math.sign(y1 - y0);
      points.splice(-2, 2, x1 - 8 * dx, y1 - 8 * dy);
      return `<g class="wire q-${quantity} ${values[key] < 0 ? "negative" : ""}" data-key="${key}">
        <path d="M${points}"/>
        <path class="head" d="M0 0l-11-6v12z" transform="matrix(${[dx, dy, -dy, dx, x1, y1]})"/></g>`;
    };
    const sign = (x, y, content) =>
      `<circle class="node" cx="${x}" cy="${y}" r="${R}"/>${text(x, y + 6, content)}`;
    const port = (x, y, key, name, anchor) => `<g data-key="${key}">${
      text(x, y - 14, name, "", anchor)}${text(x, y + 22, value(key), "value", anchor)}</g>`;
    const gate = ([key, { name, full, symbol: letter, activation }]) => {
      const x = at[key], height = foot - top, both = key === "c_tilde"; // it has two signs
      const zero = both ? top + height / 2 : foot;
      const level = zero - values[key] * (both ? height / 2 : height);
      const percent = Math.round(100 * values[key]);
      return wire(`z_${key}`, "plain", x, input, x, foot)
        + `<g class="gate q-${key}" data-key="${key}" data-gate="${key}" role="slider" tabindex="0"
          aria-label="${full}" aria-orientation="vertical" aria-valuemin="${both ? -100 : 0}"
          aria-valuemax="100" aria-valuenow="${percent}" aria-valuetext="${percent} percent">
          <rect class="hit" x="${x - half - 10}" y="${top - 8}" width="${2 * half + 20}"
            height="${height + 16}"/>
          <rect class="box" x="${x - half}" y="${top}" width="${2 * half}" height="${height}" rx="3"/>
          <rect class="level" x="${x - half}" y="${Math.min(level, zero)}" width="${2 * half}"
            height="${Math.abs(level - zero)}"/>
          ${both ? `<path class="zero" d="M${x - half} ${zero}h${2 * half}"/>` : ""}
          <path class="handle" d="M${x - half - 6} ${level}h${2 * half + 12}"/></g>`
        + text(x + 8, foot + 17, name + (wide ? `<tspan class="how"> ${activation}</tspan>` : ""),
          "small name", "start")
        + `<g data-key="${key}">${text(x + 9, top - 12, symbol(letter), "", "start")}${wide
          ? text(x + half + 12, top + height / 2 + 5, value(key), "value", "start")
          : text(x + 8, foot + 36, value(key), "value", "start")}</g>`;
    };

    return `<svg class="${at.name}" viewBox="0 26 ${right} ${bottom - 26}" role="group"
      aria-label="The cell at this step">
      <rect class="body" x="${left}" y="30" width="${edge - left}" height="${input - 8}" rx="14"/>
      <path class="bus" d="M${left} ${input}H${o}M${x} ${input + 24}V${input}"/>`
      + wire("h_prev", "h", 0, input, left, input) + wire("x_t", "h", x, bottom, x, input + 24)
      + Object.entries(GATES).map(gate).join("")
      + wire("f", "f", f, top, f, c + R)
      + wire("i", "i", i, top, i, product, c_tilde - R, product)
      + wire("c_tilde", "c_tilde", c_tilde, top, c_tilde, product + R)
      + wire("o", "o", o, top, o, product + R)
      + wire("written", "c", c_tilde, product - R, c_tilde, c + R)
      + wire("c_t", "h", o, c, o, tanh - 12) + wire("tanh_c", "h", o, tanh, o, product - R)
      + wire("h_t", "h", o + R, product, at.h, product, at.h, input, right, input)
      + wire("c_prev", "c", 0, c, f - R, c) + wire("kept", "c", f + R, c, c_tilde - R, c)
      + wire("c_t", "c", c_tilde + R, c, right, c)
      + sign(f, c, "×") + sign(c_tilde, c, "+") + sign(c_tilde, product, "×") + sign(o, product, "×")
      + `<rect class="node" x="${o - 21}" y="${tanh - 12}" width="42" height="24" rx="12"/>`
      + text(o, tanh + 4, "tanh", "small")
      + `<g data-key="kept">${text((f + c_tilde) / 2, c - 14, `kept ${value("kept")}`)}</g>`
      + `<g data-key="written">${
        text(c_tilde - 10, tanh + 6, `written ${value("written")}`, "", "end")}</g>`
      + port(0, c, "c_prev", symbol("c", "t−1"), "start")
      + port(0, input, "h_prev", symbol("h", "t−1"), "start")
      + port(right, c, "c_t", symbol("c"), "end") + port(right, input, "h_t", symbol("h"), "end")
      + `<g data-key="x_t">${text(x + 12, bottom - 6, symbol("x"), "", "start")}${
        text(x + 34, bottom - 6, values.inputs.map(number).join(", "), "value", "start")}</g></svg>`;
  }

  // Heights of the strip's rows: inputs around their zero line, flags, the memory around its own.
  const ROWS = { input: [4, 52], flag: [60, 78], memory: [86, 150], left: 74, right: 6 };

  /* All steps: inputs (and flags) above, what the memory holds below, the chosen step marked. */
  function strip(width, { inputs, flags, c, t, labels }) {
    const { input, flag, memory, left, right } = ROWS, T = inputs.length;
    const column = (width - left - right) / T, x = (k) => left + column * k;
    const middle = ([a, b]) => (a + b) / 2, most = Math.max(1, ...c.map(Math.abs));
    const y = (value) => middle(memory) - value / most * (memory[1] - memory[0]) / 2;
    const mid = (k) => x(k) + column / 2;
    const bar = (value, k) => {
      const height = Math.abs(value) * (input[1] - input[0]) / 2;
      return `<rect class="bar ${value < 0 ? "negative" : ""}" x="${x(k) + column * 0.2}"
        y="${middle(input) - (value > 0 ? height : 0)}" width="${column * 0.6}" height="${height}"/>`;
    };
    const mark = (value, k) => { // up: write; square: full stop; dot: neither
      const at = `translate(${mid(k)} ${middle(flag)})`, s = Math.min(6, column * 0.45);
      if (value > 0) return `<path class="write" transform="${at}" d="M0${-s}L${s} ${s}H${-s}z"/>`;
      if (value < 0) return `<path class="stop" transform="${at}" d="M${-s}${-s}h${2 * s}v${2 * s}h${-2 * s}z"/>`;
      return `<circle class="none" transform="${at}" r="1.5"/>`;
    };
    const steps = (values) => values.map((value, k) => `${k ? "L" : "M"}${x(k)} ${y(value)}h${column}`).join("");
    const label = (row, name) => text(0, middle(row) + 4, name, "small", "start");
    return `<svg viewBox="0 0 ${width} 152" data-strip role="slider" tabindex="0" aria-label="Step"
      aria-valuemin="1" aria-valuemax="${T}" aria-valuenow="${t}" aria-valuetext="step ${t} of ${T}">
      <rect class="now" x="${x(t - 1)}" y="0" width="${column}" height="152" rx="2"/>
      ${label(input, labels[0])}${flags ? label(flag, labels[1]) : ""}${label(memory, "memory")}
      <path class="zero" d="M${left} ${middle(input)}H${width - right}M${left} ${y(0)}H${width - right}"/>
      ${inputs.map(bar).join("")}${flags ? flags.map(mark).join("") : ""}
      <path class="area" d="${steps(c)}V${y(0)}H${left}z"/>
      <path class="cell-state" d="${steps(c)}"/></svg>`;
  }

  /* Where in the strip a point of it lies: the step (from 0), the row, and the input's value. */
  function locate(width, T, x, y) {
    const { input, flag, left, right } = ROWS;
    const step = Math.floor((x - left) / (width - left - right) * T);
    const value = 1 - 2 * (y - input[0]) / (input[1] - input[0]);
    return { step: Math.min(Math.max(step, 0), T - 1), row: y < 56 ? "input" : y < 82 ? "flag" : "memory",
      value: Math.min(Math.max(value, -1), 1) };
  }

  return { GATES, WIDE, TALL, diagram, locate, number, strip };
})();
