export declare function identityOf(pid: number): string | undefined;
export declare function isRunning(pid: number, identity: string): boolean;
