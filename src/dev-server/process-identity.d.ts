export declare function identityOf(pid: number): string | undefined;
export declare function isRunning(pid: number, identity: string): boolean;
export declare function hasLetGo(pid: number, identity: string): boolean;
