// Sends the form that erases the rest, unless somebody stops it. Without scripts the link beside it leads on.
"use strict";

const PAUSE_MS = 3000;

document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("go-on");
    if (!form) {
        return;
    }
    form.hidden = false;
    const timer = setTimeout(() => form.submit(), PAUSE_MS);
    form.addEventListener("submit", () => clearTimeout(timer));
    document.getElementById("go-on-stop").addEventListener("click", () => {
        clearTimeout(timer);
        form.hidden = true;
    });
});
