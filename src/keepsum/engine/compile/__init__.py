"""The one compiler: from declarations to SQLGlot expression trees to statements of a dialect, values as parameters."""
