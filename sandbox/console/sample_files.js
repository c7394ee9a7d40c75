const PHOTO_WIDTH = 1600;
const PHOTO_HEIGHT = 1000;
const LARGE_BYTES = 8 * 1024 * 1024;

/** Return an A4 page with one line of ASCII text, as a PDF; `catalog` and `padding` go into it. */
export function pdf(name, text, { catalog = "", padding = 0 } = {}) {
  const safe = text.replace(/[\\()]/g, "").replace(/[^ -~]/g, "?");
  const drawing = `BT /F1 24 Tf 72 720 Td (${safe}) Tj ET`;
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${catalog}>>`,
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...(padding ? [`<< /Length ${padding} >>\nstream\n${"0".repeat(padding)}\nendstream`] : []),
  ];
  let out = "%PDF-1.4\n";
  const offsets = objects.map((body, at) => {
    const offset = out.length;
    out += `${at + 1} 0 obj\n${body}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const start = out.length;
  const count = objects.length + 1;
  out += `xref\n0 ${count}\n0000000000 65535 f \n${offsets.join("")}`;
  out += `trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return new File([out], name, { type: "application/pdf" });
}

/** Return a drawn evening over solar panels, as a JPEG. */
async function photo() {
  const canvas = new OffscreenCanvas(PHOTO_WIDTH, PHOTO_HEIGHT);
  const pen = canvas.getContext("2d");
  const sky = pen.createLinearGradient(0, 0, 0, PHOTO_HEIGHT);
  sky.addColorStop(0, "#2b3a67");
  sky.addColorStop(0.5, "#e98a4b");
  sky.addColorStop(0.7, "#f7d488");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, PHOTO_WIDTH, PHOTO_HEIGHT);
  pen.fillStyle = "#fff4d6";
  pen.beginPath();
  pen.arc(1150, 520, 110, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = "#22303c";
  pen.fillRect(0, 700, PHOTO_WIDTH, 300);
  for (let column = 0; column < 8; column += 1) panel(pen, 60 + column * 190);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  return new File([blob], "roof.jpg", { type: "image/jpeg" });
}

function panel(pen, left) {
  pen.fillStyle = "#1d4e89";
  pen.fillRect(left, 740, 170, 200);
  pen.strokeStyle = "#8fb8de";
  pen.lineWidth = 3;
  for (let line = 0; line <= 4; line += 1) {
    pen.strokeRect(left, 740 + line * 40, 170, 40);
    pen.strokeRect(left + line * 34, 740, 34, 200);
  }
}

const now = () => new Date().toLocaleString("en-GB");

/** What stands on the buttons, and the file that each one makes. */
export const SAMPLES = [
  ["Use a sample PDF", () => pdf("kyc.pdf", `Sample, ${now()}`)],
  ["Use a sample photo", photo],
  ["Use a large PDF", () => pdf("large.pdf", `Large sample, ${now()}`, { padding: LARGE_BYTES })],
  ["Use a PDF with a script", () => pdf("script.pdf", "Sample with a script", { catalog: "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> " })],
];
