// Values as people read them.

const LONG = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];

export function said(value, unit, words = {}) {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (words[value] !== undefined) return words[value];
  switch (unit) {
    case "seconds":
      return duration(value);
    case "since":
      return value > 0 ? `${duration(Date.now() / 1000 - value)} ago` : "never";
    case "share":
      return `${short(value * 100)} %`;
    case "per second":
      return `${short(value)}/s`;
    case "bytes":
      return scaled(value, [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]], "B");
    case "times":
      return short(value);
    default:
      return scaled(value < 1e4 ? Math.round(value) : value, [[1e9, "G"], [1e6, "M"], [1e4, "k", 1e3]], "");
  }
}

function duration(seconds) {
  if (!Number.isFinite(seconds)) return "more than a day";
  if (seconds < 0) return `−${duration(-seconds)}`;
  if (seconds > 0 && seconds < 1) return `${short(seconds * 1000)} ms`;
  for (const [size, name] of LONG) if (seconds >= 2 * size || seconds === size) return `${short(seconds / size)} ${name}`;
  return `${short(seconds)} s`;
}

function scaled(value, steps, unit) {
  for (const [from, name, by] of steps) if (Math.abs(value) >= from) return `${short(value / (by ?? from))} ${name}`;
  return `${short(value)}${unit ? ` ${unit}` : ""}`;
}

function short(value) {
  if (!Number.isFinite(value)) return "∞";
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** How a value is judged: the level of the last threshold that it has reached. */
export function level(value, panel) {
  if (value === undefined || Number.isNaN(value)) return "plain";
  let found = panel.below;
  for (const each of panel.thresholds) if (value >= each.at) found = each.level;
  return found;
}

export const MARKS = { plain: "", good: "✓", warn: "▲", bad: "✕" };
export const JUDGED = { plain: "", good: "well", warn: "look at it", bad: "bad" };
