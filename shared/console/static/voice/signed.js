// Whom the business's own site says the caller is: its widget writes it behind the # of our address, which no server sees.

/** The caller as signed, kept for this tab alone so that a reload knows them too; null for a visitor nobody vouches for. */
export function signedCustomer(desk) {
  const key = `frontdesk:signed:${desk}`;
  const told = new URLSearchParams(location.hash.slice(1));
  try {
    if (told.has("customer")) {
      sessionStorage.setItem(key, told.toString());
      history.replaceState(null, "", location.pathname + location.search);
    }
    const kept = new URLSearchParams(sessionStorage.getItem(key) ?? told);
    return kept.has("customer") ? { customer: kept.get("customer"), signature: kept.get("signature") ?? "" } : null;
  } catch {
    return told.has("customer") ? Object.fromEntries(told) : null; // storage is blocked
  }
}

/** What the token door is told of them. */
export function headersOf(signed) {
  if (!signed) return {};
  return { "X-Frontdesk-Customer": encodeURIComponent(signed.customer), "X-Frontdesk-Customer-Signature": encodeURIComponent(signed.signature) };
}
