// Elements of the page by their ids, and sliders that say what they are at.

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** For the eye beside the slider, and for those who listen, who would hear a bare logarithm else. */
export function tell_slider(id: string, text: string): void {
  element(`${id}-now`).textContent = text;
  element(id).setAttribute("aria-valuetext", text);
}

export function disable(disabled: boolean, ...ids: string[]): void {
  for (const id of ids) element<HTMLButtonElement | HTMLInputElement>(id).disabled = disabled;
}
