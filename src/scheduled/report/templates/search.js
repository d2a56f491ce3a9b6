// Narrows the page to figures whose id or text has all the words typed. Without scripts, the page
// shows every figure and no search box.
const box = document.getElementById("filter");
const count = document.getElementById("filter-count");
const figures = [...document.querySelectorAll("article.figure")];
const texts = figures.map((figure) => `${figure.id} ${figure.textContent}`.toLowerCase());

function narrow() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  figures.forEach((figure, i) => {
    figure.hidden = !words.every((word) => texts[i].includes(word));
  });
  document.querySelectorAll("section.question").forEach((section) => {
    section.hidden = !section.querySelector("article.figure:not([hidden])");
  });
  const shown = figures.filter((figure) => !figure.hidden).length;
  count.textContent = words.length ? `${shown} of ${figures.length} figures` : "";
}

if (box) {
  document.getElementById("filter-form").hidden = false;
  document.getElementById("filter-form").addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", narrow);
  // A link to a figure that is filtered away shows everything again.
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) {
      box.value = "";
      narrow();
      target.scrollIntoView();
    }
  });
  narrow();
}
