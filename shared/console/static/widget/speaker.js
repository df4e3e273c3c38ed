// Which language a page of a desk speaks to this visitor, and its words in it.

const short = (language) => language.toLowerCase().split("-")[0];

/** Of the desk's languages that `words` has, the first the visitor's browser prefers; else the desk's own first. */
export function chooseLanguage(words, offered, preferred = navigator.languages) {
  const spoken = offered.map(short).filter((language) => language in words);
  return preferred.map(short).find((language) => spoken.includes(language)) ?? spoken[0] ?? "en";
}

/** `say("typing", { name })` in one language. */
export function speaker(words, language) {
  return (key, values = {}) => words[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
