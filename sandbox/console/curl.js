const quoted = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;

/**
 * Write a request as a command for a POSIX shell.
 *
 * `body` is null, {json: value}, {file: name} or {fields: {name: text}, file: name}.
 */
export function asCurl({ method, url, headers, body }) {
  const lines = [method === "GET" ? `curl ${quoted(url)}` : `curl -X ${method} ${quoted(url)}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body?.json !== undefined) lines.push(`--data-raw ${quoted(JSON.stringify(body.json))}`);
  else if (body?.fields) {
    for (const [name, value] of Object.entries(body.fields)) lines.push(`-F ${quoted(`${name}=${value}`)}`);
    lines.push(`-F ${quoted(`file=@${body.file}`)}`);
  } else if (body?.file) lines.push(`--data-binary ${quoted(`@${body.file}`)}`);
  return lines.join(" \\\n  ");
}

const SECRETS = [
  /(Token )(\S{6})[^\s']+/g,
  /(X-Install-Proof: )(\S{6})[^\s']+/g,
  /([?&]sig=)([^&"'\s]{4})[^&"'\s]+/g,
  /("(?:token|installProof)": ?")([^"]{6})[^"]+/g,
];

/** Cut tokens, proofs and signatures short, for showing only. */
export function shortened(text) {
  return SECRETS.reduce((shown, secret) => shown.replace(secret, "$1$2…"), text);
}
