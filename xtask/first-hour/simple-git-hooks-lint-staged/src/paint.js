const paint = (node) => node.classList.add("paint");

module.exports = { paint };
