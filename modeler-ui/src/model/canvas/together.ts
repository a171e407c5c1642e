// Several changes of the drawing as one step of its undo history.

interface CommandStack {
  registerHandler(command: string, handler: unknown): void;
  execute(command: string, context: object): void;
}

class Handler {
  preExecute({ run }: { run: () => void }): void {
    run(); // what it changes belongs to this command
  }
  execute(): [] {
    return [];
  }
  revert(): [] {
    return [];
  }
}

export class Together {
  static $inject = ["commandStack"];

  constructor(private readonly stack: CommandStack) {
    stack.registerHandler("signalbox.together", Handler);
  }

  run(change: () => void): void {
    this.stack.execute("signalbox.together", { run: change });
  }
}
