const sum = require("./sum");

module.exports = (numbers) => sum(numbers) / numbers.length;
