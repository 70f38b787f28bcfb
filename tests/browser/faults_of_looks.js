// What keeps somebody from reading or using the page, one sentence each: fields and links without a name, text whose
// contrast is below 4.5 (3 if it is large; WCAG 2.2, 1.4.3), pictures without a text, a page wider than its window, and on
// a laptop a list whose last columns are out of sight.
() => {
    const LARGE_PIXELS = 24, LARGE_BOLD_PIXELS = 18.66, LAPTOP_PIXELS = 1024;
    const faults = new Set();
    for (const animation of document.getAnimations()) {
        animation.finish();  // links fade from one colour to the other
    }
    const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const told = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""} ` +
        `"${(element.textContent || element.name || "").trim().slice(0, 40)}"`;

    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const known = new Map();  // a page has few colours, and drawing one takes long
    // Red, green, blue from 0 to 255 and alpha from 0 to 1, of any colour that CSS can say.
    const rgba = (colour) => {
        if (!known.has(colour)) {
            known.set(colour, drawn(colour));
        }
        return known.get(colour);
    };
    const drawn = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
        return [red, green, blue, alpha / 255];
    };
    const over = (front, back) => [0, 1, 2].map((part) => front[part] * front[3] + back[part] * (1 - front[3]));
    const background = (element) => {
        const layers = [];
        for (let each = element; each; each = each.parentElement) {
            layers.push(rgba(getComputedStyle(each).backgroundColor));
        }
        return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255]);
    };
    const luminance = (colour) => {
        const [red, green, blue] = colour.map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };

    for (const element of document.body.querySelectorAll("*")) {
        const says = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (!says || !isSeen(element) || element.closest(".visually-hidden")) {
            continue;
        }
        const style = getComputedStyle(element);
        const pixels = parseFloat(style.fontSize);
        const isLarge = pixels >= LARGE_PIXELS || (pixels >= LARGE_BOLD_PIXELS && style.fontWeight >= 700);
        const behind = background(element);
        const found = contrast(over(rgba(style.color), behind), behind);
        if (found < (isLarge ? 3 : 4.5)) {
            faults.add(`contrast ${found.toFixed(2)}: ${told(element)}`);
        }
    }
    for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        const hasLabel = field.labels.length || field.ariaLabel || field.getAttribute("aria-labelledby");
        if (isSeen(field) && !hasLabel && !["submit", "button"].includes(field.type)) {
            faults.add(`no label: ${told(field)}`);
        }
    }
    for (const element of document.querySelectorAll("a[href], button, summary")) {
        if (isSeen(element) && !(element.textContent.trim() || element.ariaLabel || element.title)) {
            faults.add(`no name: ${told(element)}`);
        }
    }
    for (const picture of document.querySelectorAll("img:not([alt])")) {
        faults.add(`no text: ${told(picture)}`);
    }
    const room = document.documentElement;
    if (room.scrollWidth > room.clientWidth) {
        faults.add(`wider than its window: ${room.scrollWidth} of ${room.clientWidth} pixels`);
    }
    for (const list of document.querySelectorAll("#changelist .results")) {
        if (window.innerWidth >= LAPTOP_PIXELS && list.scrollWidth > list.clientWidth) {
            faults.add(`list wider than its place: ${list.scrollWidth} of ${list.clientWidth} pixels`);
        }
    }
    return [...faults];
}
