/** Something that came in, before anything is done with it: the moment for a fault. */
export type Arrival =
  | {
    readonly by: "REST";
    readonly method: string;
    /** Below /api2/json. */
    readonly path: string;
  }
  | {
    readonly by: "SSH";
    readonly node: string;
    /** Absent: a new connection. */
    readonly command?: string;
  };

/** Sees what comes in. A fault that it injects strikes already there. */
export type OnArrival = (arrival: Arrival) => void;
