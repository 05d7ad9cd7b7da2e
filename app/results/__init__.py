"""The count of a round on its frozen inputs: counted twice, published with its reasons, certified, bundled."""
