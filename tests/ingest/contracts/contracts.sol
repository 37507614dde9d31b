// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// What tests deploy on a node of their own. contracts.txt has what solc makes of it: a line for each
// contract, its name and its code (solcjs 0.8.37, --bin --optimize).

contract Token {
    mapping(address => uint256) public balanceOf;
    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(balanceOf[msg.sender] >= value, "too little");
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

// As WETH9: what is deposited and withdrawn is told by events of their own.
contract Wrapped {
    mapping(address => uint256) public balanceOf;
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Deposit(address indexed to, uint256 value);
    event Withdrawal(address indexed from, uint256 value);

    function deposit() public payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function withdraw(uint256 value) external {
        balanceOf[msg.sender] -= value;
        payable(msg.sender).transfer(value);
        emit Withdrawal(msg.sender, value);
    }
}

contract Refuser {
    // Pays, and then takes it all back by failing.
    function payAndFail(address payable to) external payable {
        to.transfer(msg.value);
        revert("no");
    }
}

contract Child {
    constructor() payable {}

    function end(address payable heir) external {
        selfdestruct(heir);
    }
}

contract Payer {
    event Made(address child);
    Refuser public refuser = new Refuser();
    Child public child;

    receive() external payable {}

    // Half goes on; the other half goes on and comes back.
    function pay(address payable to) external payable {
        to.transfer(msg.value / 2);
        try refuser.payAndFail{value: msg.value - msg.value / 2}(to) {} catch {}
    }

    function make() external payable {
        child = new Child{value: msg.value}();
        emit Made(address(child));
    }

    function end(address payable heir) external {
        child.end(heir);
    }

    function fail() external payable {
        revert("never");
    }
}
