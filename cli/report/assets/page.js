(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const [from, to] = data.range;
  const time = (ms) => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;

  // The list of what happened, narrowed by kind.
  const filters = document.querySelector(".filters");
  const shown = document.getElementById("shown");
  const events = [...document.querySelectorAll(".events > li")];
  const groups = [...document.querySelectorAll(".during")];
  // A narrow screen begins with what is now.
  if (matchMedia("(max-width: 640px)").matches)
    for (const group of groups) group.open = "now" in group.dataset;
  if (filters) {
    filters.hidden = false;
    filters.addEventListener("change", () => {
      const kinds = new Set([...filters.querySelectorAll("input:checked")].map((input) => input.value));
      for (const event of events) event.hidden = !kinds.has(event.dataset.kind);
      for (const group of groups) group.hidden = !group.querySelector("li[data-kind]:not([hidden])");
      const count = events.filter((event) => !event.hidden).length;
      shown.textContent = count === events.length ? "" : `${count} of ${events.length} are shown`;
    });
  }

  // One moment, looked at in all charts at once.
  const scrub = document.querySelector(".scrub");
  if (!scrub) return;
  scrub.hidden = false;
  const slider = document.getElementById("moment");
  const at = document.getElementById("at");
  const charts = [...document.querySelectorAll("svg.chart, svg.timeline")];
  const figures = [...document.querySelectorAll("figure")];
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

  /** The last pair at or before a time, by bisection. */
  const lastBefore = (pairs, ms) => {
    let low = 0;
    let high = pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[middle][0] <= ms) low = middle + 1;
      else high = middle;
    }
    return pairs[low - 1];
  };

  let moment = to;
  const go = (ms) => {
    moment = Math.min(to, Math.max(from, ms));
    document.body.classList.add("looking");
    const share = (moment - from) / (to - from);
    for (const chart of charts) {
      const left = Number(chart.dataset.left);
      const x = left + share * (Number(chart.dataset.right) - left);
      const cursor = chart.querySelector(".cursor");
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
    }
    figures.forEach((figure, index) => {
      const point = lastBefore(data.series[index] ?? [], moment);
      figure.querySelector(".readout").textContent = point
        ? `${number.format(point[1])} at ${time(point[0])}`
        : "no value until then";
    });
    const change = lastBefore(data.changes, moment);
    const said = `${time(moment)}. ${change ? `Last change: ${change[1]}` : "Before the first change"}`;
    at.textContent = said;
    slider.setAttribute("aria-valuetext", said);
    slider.value = Math.round(share * 1000);
  };
  slider.addEventListener("input", () => go(from + ((to - from) * Number(slider.value)) / 1000));
  const before = () => data.changes.findLast(([ms]) => ms < moment);
  const after = () => data.changes.find(([ms]) => ms > moment);
  document.getElementById("before").addEventListener("click", () => go((before() ?? [from])[0]));
  document.getElementById("after").addEventListener("click", () => go((after() ?? [to])[0]));
  for (const chart of charts) {
    chart.addEventListener("pointermove", (event) => {
      const box = chart.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
      const left = Number(chart.dataset.left);
      go(from + ((x - left) / (Number(chart.dataset.right) - left)) * (to - from));
    });
  }
})();
