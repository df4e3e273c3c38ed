// A chosen file is read here into the field that is sent, and checked at once; so what is sent can be seen.

const LARGEST = 2_000_000;

for (const file of document.querySelectorAll("input[type=file][data-into]")) {
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen) return;
    const into = document.getElementById(file.dataset.into);
    if (chosen.size > LARGEST) {
      into.setCustomValidity("This file is more than 2 MB; make several of it.");
      into.reportValidity();
      return;
    }
    into.setCustomValidity("");
    into.value = await chosen.text();
    document.querySelector("[data-check]")?.click();
  });
}
