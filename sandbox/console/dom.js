/** Make an element; children are nodes or text, null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** Return the element that the page's markup names with data-part. */
export function part(root, name) {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!found) throw new Error(`The page has no part "${name}".`);
  return found;
}

/** Fill a host with a copy of a <template>; ids stay unique since templates have none. */
export function fill(host, templateId) {
  host.append(document.getElementById(templateId).content.cloneNode(true));
  return host;
}

/** Call a form's handler instead of sending it. */
export function onSubmit(form, handler) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    handler();
  });
}

export const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export const clock = (moment) => new Date(moment).toLocaleTimeString();

/** Return a size in bytes as people read it. */
export function humanSize(bytes) {
  if (bytes == null) return "";
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(0)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/**
 * Do something now and again until it returns false or stop is called.
 * A turn begins only after the last one ended, so that a slow server is not piled upon. `work` gets
 * a function that tells whether it was stopped meanwhile.
 */
export function repeat(seconds, work) {
  let timer = 0;
  let stopped = false;
  const turn = async () => {
    const goOn = await work(() => stopped);
    if (goOn !== false && !stopped) timer = setTimeout(turn, seconds * 1000);
  };
  turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
