// The page's end of the line to its worker, which does one task at a time: a task that begins ends the one before, on
// whatever screen that runs.

import type { Answer, Begin, Sent, Tell } from "./messages.js";

export class Line {
  private readonly worker: Worker;
  private number = 0;
  private ended = () => {};

  /** broken: told in a sentence that nothing more will come. */
  constructor(source: string, take: (answer: Answer) => void, broken: (sentence: string) => void) {
    this.worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    this.worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => take(data));
    for (const event of ["error", "messageerror"] as const)
      this.worker.addEventListener(event, (what) => broken(`The engine has stopped (${(what as ErrorEvent).message ?? "no message"}): load this page again.`));
  }

  readonly begin: Begin = (task, ended, moved = []) => {
    const before = this.ended;
    this.ended = ended;
    before();
    this.send({ ...task, number: ++this.number }, moved);
  };
  readonly tell: Tell = (word) => this.send(word, []);

  /** Whether this is the number of the task that began last. */
  runs(number: number): boolean {
    return number === this.number;
  }

  private send(sent: Sent, moved: Transferable[]): void {
    this.worker.postMessage(sent, moved);
  }
}
