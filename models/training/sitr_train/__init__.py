"""Training of Sitr's first bundle: n-gram words, one head a label of the guideline, one auxiliary head a source."""
