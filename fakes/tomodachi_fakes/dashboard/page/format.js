/** Numbers, times and names, as people read them. */

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];
const dateAndTime = new Intl.DateTimeFormat("en-GB", {
  weekday: "short", day: "2-digit", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "UTC",
});
const timeOfDay = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, timeZone: "UTC",
});
const whole = new Intl.NumberFormat("en-GB");

/** A count, with separators: 12,345. */
export const count = (number) => whole.format(number);

/** A count with its noun: 1 message, 2 messages. */
export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A date and time in UTC, from Unix seconds. */
export const moment = (at) => dateAndTime.format(at * 1000).replace(",", "");

/** A time of day in UTC, to the millisecond. */
export const clockTime = (at) => timeOfDay.format(at * 1000);

/** A time span: 4.2 s, 5 min, 2 h 5 min. */
export function span(seconds) {
  if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  const [size, unit] = UNITS.find(([size]) => seconds >= size);
  const [nextSize, nextUnit] = UNITS[UNITS.findIndex(([other]) => other === size) + 1] ?? [1, "s"];
  const rest = Math.floor((seconds % size) / nextSize);
  return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${nextUnit}` : ""}`;
}

/** A rate: 0, 0.4, 12, 1,200. */
export const rate = (perSecond) => (perSecond && perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond)));

/** The last part of an ARN, or of an SNS subscription's its topic; another name as it is. */
export function shortName(name) {
  const parts = name.split(":");
  if (parts[0] !== "arn" || parts.length < 6) return name;
  return parts[2] === "sns" ? parts[5] : parts.at(-1);
}

/** Text laid out as JSON where it is JSON. */
export function pretty(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}

/** Text on one line, at most so long. */
export function oneLine(text, length = 160) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
