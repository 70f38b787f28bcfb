// Times in the viewer's zone. The page holds UTC, which stays in the tooltip, and is what is shown without scripts.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const local = new Intl.DateTimeFormat(undefined, {
        year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
        timeZoneName: "short",
    });
    // A column has room for the minute; the tooltip has the second.
    const brief = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
    for (const element of document.querySelectorAll("time[datetime]")) {
        const moment = new Date(element.dateTime);
        if (!Number.isNaN(moment.getTime())) {
            element.textContent = (element.closest("table") ? brief : local).format(moment);
        }
    }
});
