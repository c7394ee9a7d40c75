import { NoAnswer, storageRefusal } from "./problems.js";

const NOT_TAKEN = "The storage did not take the file. Please try again shortly.";

/**
 * PUT a file to a signed link. XMLHttpRequest, since fetch tells no progress of what is sent.
 *
 * Raises Refusal (with the storage's code) or NoAnswer, also when `signal` is aborted.
 */
export function putFile({ exchanges, issued, file, onProgress, signal }) {
  const { sasUrl: url, method, headers } = issued;
  const row = exchanges.begin({ method, url, headers, body: { file: file.name } });
  const request = new XMLHttpRequest();
  const done = new Promise((fulfil, refuse) => {
    const lose = (lost) => {
      row.fail(lost.message);
      refuse(lost);
    };
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("error", () => lose(new NoAnswer()));
    request.addEventListener("abort", () => lose(new NoAnswer({ cancelled: true })));
    request.addEventListener("load", () => {
      const { status } = request;
      row.end({ status, headers: answerHeaders(request), text: request.responseText });
      const code = request.getResponseHeader("x-ms-error-code");
      if (status === 201) fulfil();
      else refuse(storageRefusal({ status, code, detail: NOT_TAKEN }));
    });
  });
  request.open(method, url);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  signal.addEventListener("abort", () => request.abort(), { once: true });
  request.send(file);
  return done;
}

function answerHeaders(request) {
  const lines = request.getAllResponseHeaders().trim().split("\r\n");
  return new Map(lines.map((line) => line.split(": ")).map(([name, ...rest]) => [name.toLowerCase(), rest.join(": ")]));
}
