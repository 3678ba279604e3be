// What is used of cap 0.2.1, which brings no types.
declare module 'cap' {
  export interface CapAddress {
    addr?: string;
  }

  export interface CapDevice {
    name: string;
    description?: string;
    addresses: CapAddress[];
  }

  /** One capture by libpcap; see cap-child.ts for what it must not be trusted with. */
  class Cap {
    /**
     * Begins to capture and returns the link type's name. Frames are copied into `buffer`, which
     * the addon does not keep alive. Throws an Error with libpcap's message.
     */
    open(device: string, filter: string, ringBytes: number, buffer: Buffer): string;
    /** A frame of `length` bytes now lies in the buffer. */
    on(event: 'packet', listener: (length: number, truncated: boolean) => void): this;
    /** Puts a frame on the wire. */
    send(frame: Buffer, length?: number): void;
    close(): boolean;
  }

  function deviceList(): CapDevice[];

  const cap: { Cap: typeof Cap; deviceList: typeof deviceList };
  export default cap;
}
