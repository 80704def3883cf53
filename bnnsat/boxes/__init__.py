"""Questions about boxes of inputs: can a network over real numbers do this, anywhere within these bounds?"""
