interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Questions of one kind, asked by one statement at a time: who asks while one is under way shares the next. So a busy
 * process pays for planning, sending and waiting less than once a question, and an idle one waits for nobody. A question
 * is never answered by a statement that began before it was asked.
 */
export class AskTogether<Question, Answer> {
  readonly #ask: (questions: readonly Question[]) => Promise<readonly (Answer | Error)[]>;
  readonly #most: number;
  #waiting: Waiting<Question, Answer>[] = [];
  #asking = false;

  /**
   * @param ask answers all of them, each in its place; an `Error` is thrown for its question alone. What it throws is
   *   thrown for all.
   * @param most questions in one statement
   */
  constructor(ask: (questions: readonly Question[]) => Promise<readonly (Answer | Error)[]>, most = Infinity) {
    this.#ask = ask;
    this.#most = most;
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      if (!this.#asking) void this.#askAll();
    });
  }

  async #askAll(): Promise<void> {
    this.#asking = true;
    while (this.#waiting.length > 0) {
      const asking = this.#waiting.slice(0, this.#most);
      this.#waiting = this.#waiting.slice(this.#most);
      try {
        const answers = await this.#ask(asking.map(({ question }) => question));
        for (const [place, { resolve, reject }] of asking.entries()) {
          const answer = answers[place];
          if (answer === undefined)
            reject(new Error(`no answer ${place} of ${asking.length} came: one each was expected`));
          else if (answer instanceof Error) reject(answer);
          else resolve(answer);
        }
      } catch (error) {
        for (const { reject } of asking) reject(error);
      }
    }
    this.#asking = false;
  }
}
