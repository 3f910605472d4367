package com.example.greetings

class Greeting {
    fun text(name: String): String {
        return "Hello, $name"
    }
}
