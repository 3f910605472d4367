export const total = (cart) => cart.reduce((sum, item) => sum + item.price, 0);
