"""Pure rules: values in, values or exceptions out."""
