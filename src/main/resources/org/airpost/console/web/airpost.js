// What is nicer with a script; every page works without it.
"use strict";

// Numbers that are counted anew: an element with data-live names where they are, those in it with data-count which one.
for (const place of document.querySelectorAll("[data-live]")) {
    const refresh = async () => {
        if (document.hidden) {
            return;
        }
        try {
            const answer = await fetch(place.dataset.live, { headers: { Accept: "application/json" } });
            if (!answer.ok || answer.redirected) {
                return;
            }
            const counts = await answer.json();
            for (const element of place.querySelectorAll("[data-count]")) {
                const value = counts[element.dataset.count];
                if (value !== undefined) {
                    element.textContent = value;
                }
            }
        } catch {
            // The next time, perhaps.
        }
    };
    setInterval(refresh, Number(place.dataset.every || 5) * 1000);
}

// A box that ticks all boxes of its form.
for (const all of document.querySelectorAll("input[data-all]")) {
    all.hidden = false;
    all.addEventListener("change", () => {
        for (const box of all.form.querySelectorAll(`input[name="${all.dataset.all}"]`)) {
            box.checked = all.checked;
        }
    });
}

// The slash leads to the search field.
document.addEventListener("keydown", (event) => {
    const search = document.querySelector("input[type=search]");
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.focus();
        search.select();
    }
});
