// The proof belongs to a number and outlives the session; in an app it lies in the secure storage.
const key = (phone) => `install-proof ${phone.replace(/[\s-]/g, "")}`;

export function keepProof(phone, proof) {
  sessionStorage.setItem(key(phone), proof);
}

export function dropProof(phone) {
  sessionStorage.removeItem(key(phone));
}

/** Return the header for sendOTP and verifyOTP; none where the number never logged in here. */
export function proofHeader(phone) {
  const proof = sessionStorage.getItem(key(phone));
  return proof ? { "X-Install-Proof": proof } : {};
}
