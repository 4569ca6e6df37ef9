"""A gallery searched in parts that workers elsewhere hold in their memory, for galleries larger than one machine's."""
