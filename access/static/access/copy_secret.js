// A button that copies the secret, where the browser lets pages do so (over TLS, or on the machine itself).
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("copy-secret");
    const said = document.getElementById("copied");
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
        try {
            await navigator.clipboard.writeText(document.getElementById("secret").textContent);
            said.textContent = "Copied";
        } catch {
            said.textContent = "Not allowed here: select the text instead";
        }
    });
});
