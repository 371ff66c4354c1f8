/** `true` if the types are the same; `any` and `unknown` differ from every other type. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
