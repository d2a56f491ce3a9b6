// Narrows the page to claims and figures that have all the words typed, and claims to a verdict.
// Words are whole: "rate" does not find "separate". Only a word that stands nowhere, because it is
// being typed, finds those that begin with it. Without scripts the page shows everything.
const WORD = /[\p{L}\p{N}\p{M}]+(?:[.*′][\p{L}\p{N}]+)*/gu;
const wordsOf = (text) => text.toLowerCase().match(WORD) ?? [];
const entries = [...document.querySelectorAll("article")].map((article) => {
  const alts = [...article.querySelectorAll("img")].map((image) => image.alt);
  const words = new Set(wordsOf([article.id, article.textContent, ...alts].join(" ")));
  return { article, words, claim: article.matches(".claim") };
});
const vocabulary = new Set(entries.flatMap(({ words }) => [...words]));
const box = document.getElementById("words");
const choice = document.getElementById("verdict");
let onlySet = "";

function has(words, word) {
  if (vocabulary.has(word)) return words.has(word);
  return [...words].some((other) => other.startsWith(word));
}

function narrow() {
  const asked = wordsOf(box.value);
  const verdict = choice?.value ?? "";
  for (const { article, words, claim } of entries) {
    article.hidden = !asked.every((word) => has(words, word))
      || (claim && Boolean(verdict) && article.dataset.verdict !== verdict)
      || (claim && Boolean(onlySet) && article.closest(".set").dataset.set !== onlySet);
  }
  document.querySelectorAll(".set, .question").forEach((section) => {
    section.hidden = !section.querySelector("article:not([hidden])");
  });
  const count = (claim) => {
    const all = entries.filter((entry) => entry.claim === claim);
    const shown = all.filter(({ article }) => !article.hidden);
    return all.length ? [`${shown.length} of ${all.length} ${claim ? "claims" : "figures"}`] : [];
  };
  document.getElementById("found").textContent =
    asked.length || verdict || onlySet ? [...count(true), ...count(false)].join(", ") : "";
}

function showEverything() {
  box.value = "";
  if (choice) choice.value = "";
  onlySet = "";
  narrow();
}

document.getElementById("search").hidden = false;
document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());
box.addEventListener("input", narrow);
box.addEventListener("keydown", (event) => { if (event.key === "Escape") showEverything(); });
choice?.addEventListener("change", () => { onlySet = ""; narrow(); });
// A count on the first screen shows the claims that it counts.
document.querySelectorAll("a[data-verdict]").forEach((link) => {
  link.addEventListener("click", () => {
    box.value = "";
    choice.value = link.dataset.verdict;
    onlySet = link.dataset.set;
    narrow();
  });
});
// A link to what is filtered away shows everything again.
window.addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.closest("[hidden]")) {
    showEverything();
    target.scrollIntoView();
  }
});
// Beside a claim stands its first figure, small. The picture is in the page once, in the gallery.
document.querySelectorAll(".claim").forEach((claim) => {
  const link = claim.querySelector(".links a[href^='#figure-']");
  const figure = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!figure) return;
  const image = figure.querySelector("img").cloneNode();
  image.alt = `Figure ${link.textContent}`;
  const thumbnail = document.createElement("a");
  thumbnail.className = "thumbnail";
  thumbnail.href = link.getAttribute("href");
  thumbnail.dataset.open = link.textContent;
  thumbnail.append(image);
  claim.append(thumbnail);
});
narrow();
