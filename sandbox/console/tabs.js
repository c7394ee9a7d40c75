const KEYS = { ArrowRight: 1, ArrowLeft: -1 };

/** Make a tablist work by mouse, arrows, Home and End; the address keeps which tab is open. */
export function wireTabs(tablist) {
  const tabs = [...tablist.querySelectorAll('[role="tab"]')];
  const choose = (chosen) => {
    for (const tab of tabs) {
      const open = tab === chosen;
      tab.setAttribute("aria-selected", String(open));
      tab.tabIndex = open ? 0 : -1;
      panelOf(tab).hidden = !open;
    }
    history.replaceState(null, "", `#${nameOf(chosen)}`);
  };
  const fromAddress = () => tabs.find((tab) => `#${nameOf(tab)}` === location.hash);
  for (const tab of tabs) tab.addEventListener("click", () => choose(tab));
  tablist.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const next = { Home: 0, End: tabs.length - 1 }[event.key] ?? at + (KEYS[event.key] ?? Number.NaN);
    const wanted = tabs.at(next % tabs.length);
    if (Number.isNaN(next) || !wanted) return;
    event.preventDefault();
    wanted.focus();
    choose(wanted);
  });
  addEventListener("hashchange", () => fromAddress() && choose(fromAddress()));
  choose(fromAddress() ?? tabs[0]);
}

const nameOf = (tab) => tab.textContent.trim().toLowerCase();
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
