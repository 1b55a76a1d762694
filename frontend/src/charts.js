// Pictures: each reads what it shows from the JSON block it names; the same figures stand in its table.
export {};
