// Drops what no page uses of stylesheets, and what nobody sees of drawings. From its standard input
// it takes, as JSON, { css, words, variables, drawings }; it prints { css, drawings }.
import fs from "node:fs";
import { PurgeCSS } from "purgecss";
import { optimize } from "svgo";

const { css, words, variables, drawings } = JSON.parse(fs.readFileSync(0, "utf8"));

// Variables that are used elsewhere, and what these are made of, are kept for a rule that is then
// taken away again.
const elsewhere = ".used-elsewhere{";
const uses = variables.map((name) => `color:var(${name})`).join(";");
const [purged] = await new PurgeCSS().purge({
  css: [{ raw: `${css}\n${elsewhere}${uses}}` }],
  content: [{ raw: [...words, "used-elsewhere"].join(" "), extension: "txt" }],
  defaultExtractor: (text) => text.split(" "),
  keyframes: true,
  variables: true,
});

// Names stay, since other parts of the page may refer to them; a hundredth of a point is enough.
const options = {
  floatPrecision: 2,
  plugins: [
    {
      name: "preset-default",
      params: {
        overrides: {
          cleanupIds: { minify: false },
          removeUnknownsAndDefaults: { keepRoleAttr: true, keepAriaAttrs: true },
          mergePaths: false,
        },
      },
    },
  ],
};
const slim = drawings.map((drawing) => optimize(drawing, options).data);

const used = purged.css.slice(0, purged.css.lastIndexOf(elsewhere));
process.stdout.write(JSON.stringify({ css: used, drawings: slim }));
