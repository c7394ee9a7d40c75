// The dashboard renews itself. Its requests do not keep the session alive: after 30 idle minutes the
// answer is the login page, and so is what is shown then.
"use strict";

const EVERY_MS = 30000;

async function renew(dashboard) {
  if (document.hidden) return;
  try {
    const answer = await fetch(dashboard.dataset.url, { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      window.location.reload();
    } else if (answer.ok) {
      dashboard.innerHTML = await answer.text();
      dashboard.classList.remove("so-stale");
    } else {
      dashboard.classList.add("so-stale");
    }
  } catch {
    dashboard.classList.add("so-stale"); // no network: what is shown is old
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const dashboard = document.getElementById("dashboard");
  if (dashboard) setInterval(() => renew(dashboard), EVERY_MS);
});
