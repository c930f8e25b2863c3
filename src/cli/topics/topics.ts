export const TOPICS: readonly { name: string; summary: string }[] = []
