// Shows notifications where a page itself may not, and opens what one is about. It keeps nothing and answers no request.

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

/** The business's page that was looked at last goes there; where none is open, a new one. */
async function open({ href, base, notice }) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => `${new URL(one.url).pathname}/`.startsWith(`${base}/`));
  if (!page) return self.clients.openWindow(href);
  page.postMessage({ href, notice });
  return page.focus().catch(() => null); // a browser may keep its windows where they are
}
