export const kHoldsKey = ['holds'];
